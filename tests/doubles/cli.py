"""The command line of `tests/servers`."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys

from . import article, instance, owner
from .errors import ServersError
from .install import install, install_readers
from .paths import HERE, find_deck, find_report_readers, find_sarif_validator, find_simulator, find_tools

# What a person may have set for real work and must not reach into the tests.
INTRUDERS = ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL",
             "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
             "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
             "AWS_EC2_METADATA_DISABLED", "VAULT_NAMESPACE", "VAULT_CACERT", "VAULT_CAPATH", "VAULT_SKIP_VERIFY",
             "VAULT_CLIENT_CERT", "VAULT_CLIENT_KEY", "VAULT_TLS_SERVER_NAME", "VAULT_PROXY_ADDR", "VAULT_HTTP_PROXY",
             "BAO_ADDR", "BAO_TOKEN", "BAO_NAMESPACE", "https_proxy", "http_proxy", "no_proxy", "all_proxy",
             "HTTP_PROXY", "ALL_PROXY")


def main(arguments: list[str]) -> int:
    """Runs one command; a failure is one line on stderr and exit code 1."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except ServersError as error:
        print(f"servers: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests/servers", description="Real servers on loopback, for tests and for "
                                     "people: HashiCorp Vault, an AWS that checks signatures, instance metadata.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("install", help="put everything the servers need into the cache")
    command.add_argument("--with-readers", action="store_true",
                         help="also what reads Kong's files and reports, and the policy simulator")
    command.set_defaults(run=_install)

    command = commands.add_parser("up", help='start an instance: eval "$(tests/servers up)"')
    command.add_argument("--json", action="store_true", help="print one JSON object, not export lines")
    command.add_argument("--owner", type=int, metavar="PID", help="end when this process does (default: this shell)")
    command.set_defaults(run=_up)

    command = commands.add_parser("article", help="put the article's roles, auth method, policy and secret in place")
    command.add_argument("--account", help="another account than the main one, isolated, with mounts of its own")
    command.add_argument("--auth-mount", help="mount of the aws auth method (default: aws, or aws-ACCOUNT)")
    command.add_argument("--kv-mount", help="mount of the secrets (default: kv, or kv-ACCOUNT)")
    command.add_argument("--json", action="store_true", help="print what was made, keys included")
    command.add_argument("-v", "--verbose", action="store_true", help="show each command on stderr")
    command.set_defaults(run=_article)

    for name, run, text in (("status", _status, "say what runs"), ("down", _down, "end an instance")):
        command = commands.add_parser(name, help=text)
        command.add_argument("state", nargs="?", help="its state directory (default: $VAULTIAM_SERVERS)")
        command.set_defaults(run=run)

    command = commands.add_parser("selftest", help="prove that the servers do what the tests rely on")
    command.set_defaults(run=_selftest)
    return parser


def _install(options: argparse.Namespace) -> int:
    install()
    if options.with_readers:
        install_readers()
    return 0


def _up(options: argparse.Namespace) -> int:
    asked_by = owner.default_owner() if options.owner is None else owner.owner(options.owner)
    exports = {**instance.up(asked_by),
               "VAULTIAM_DECK": str(find_deck()), "VAULTIAM_SIMULATOR": str(find_simulator()),
               "VAULTIAM_READERS": str(find_report_readers() / "python"),
               "VAULTIAM_SARIF": str(find_sarif_validator())}
    if options.json:
        print(json.dumps(exports, indent=2))
        return 0
    intruders = [name for name in INTRUDERS if name in os.environ]
    if intruders:
        print(f"unset {' '.join(intruders)}")
    for name, value in exports.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f'export PATH={shlex.quote(exports["VAULTIAM_BIN"])}:"$PATH"')
    return 0


def _article(options: argparse.Namespace) -> int:
    exports = instance.read_exports(instance.named_state(None))
    if options.account in (None, article.ACCOUNT):
        made = article.put_article(exports, options.auth_mount or "aws", options.kv_mount or "kv", options.verbose)
    else:
        names = {"account": options.account, "auth_mount": options.auth_mount, "kv_mount": options.kv_mount}
        made = instance.ask_control(exports, "POST", "article",
                                    {name: value for name, value in names.items() if value})
    if options.json:
        print(json.dumps(made, indent=2))
    else:
        print(f"servers: auth/{made['auth_mount']}/role/{made['auth_role']} binds {made['login_role_arn']}; "
              f"its token reads {made['secret']['path']}", file=sys.stderr)
    return 0


def _status(options: argparse.Namespace) -> int:
    if options.state or os.environ.get("VAULTIAM_SERVERS"):
        states = [instance.named_state(options.state)]
    else:
        states = instance.instances()
    running = 0
    for state in states:
        supervisor = instance.find_supervisor(state)
        if supervisor is None or not supervisor.alive():
            print(f"{state}: not running")
            continue
        running += 1
        print(f"{state}: supervisor {supervisor.pid}")
        exports = instance.read_exports(state)
        print(json.dumps(instance.ask_control(exports, "GET", ""), indent=2))
    return 0 if running else 1


def _down(options: argparse.Namespace) -> int:
    instance.down(instance.named_state(options.state))
    return 0


def _selftest(options: argparse.Namespace) -> int:
    tools = find_tools()
    if tools.missing():
        raise ServersError(f"not installed: {' and '.join(tools.missing())}; run tests/servers install")
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([str(tools.python), "-m", "doubles.selftest"], env=environment, check=False).returncode
