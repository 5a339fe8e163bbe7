"""`tests/servers article`: the article's state, put in place as a person would, with `aws` and `vault`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from .errors import ServersError
from .instance import ask_control
from .policies import allow, ec2_trust, kong_policy, role_arn

ACCOUNT = "123456789012"
KONG_ROLE, LOGIN_ROLE, AUTH_ROLE, POLICY = "KongRole", "VaultRole", "kong-role", "kong-policy"
SECRET_PATH, SECRET_VALUE = "kong/db-password", "s3cr3t-from-vault"


@dataclass(frozen=True)
class Shell:
    """Runs command lines as the operator."""

    exports: dict[str, str]
    verbose: bool

    def run(self, *command: str, given: str | None = None, fine: tuple[str, ...] = ()) -> None:
        """Runs a command; a failure that says one of `fine` is success too."""
        done = self._run(command, given)
        if done.returncode != 0 and not any(words in done.stderr for words in fine):
            raise ServersError(f"{shlex.join(command[:3])} failed: {' '.join(done.stderr.split())}")

    def run_until(self, *command: str, given: str, seconds: float) -> None:
        """Runs a command again until it succeeds."""
        deadline = time.monotonic() + seconds
        while (done := self._run(command, given)).returncode != 0:
            if time.monotonic() > deadline:
                raise ServersError(f"{shlex.join(command[:3])} failed: {' '.join(done.stderr.split())}")
            time.sleep(0.3)

    def _run(self, command: tuple[str, ...], given: str | None) -> subprocess.CompletedProcess[str]:
        if self.verbose:
            print(f"+ {shlex.join(command)}", file=sys.stderr, flush=True)
        programs = {"aws": self.exports["VAULTIAM_AWS_CLI"], "vault": self.exports["VAULTIAM_VAULT_CLI"]}
        outside = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return subprocess.run([programs[command[0]], *command[1:]], env={**outside, **self.exports}, input=given or "",
                              capture_output=True, text=True, check=False)


def put_article(exports: dict[str, str], auth_mount: str, kv_mount: str, verbose: bool) -> dict[str, Any]:
    """Puts the state in place in the main account; a second run finds it there."""
    shell = Shell(exports, verbose)
    kong, login = role_arn(ACCOUNT, KONG_ROLE), role_arn(ACCOUNT, LOGIN_ROLE)
    _put_role(shell, KONG_ROLE, ec2_trust(), allow("sts:AssumeRole", login))
    _put_role(shell, LOGIN_ROLE, ec2_trust(kong), allow("iam:GetRole", login))
    # EC2 has no servers here: attaching the profile is told to the instance's metadata service.
    ask_control(exports, "PATCH", "imds/default", {"profile": KONG_ROLE})
    _put_vault(shell, auth_mount, kv_mount, login)
    return {
        "account": ACCOUNT, "auth_mount": auth_mount, "kv_mount": kv_mount, "policy": POLICY, "auth_role": AUTH_ROLE,
        "kong_role": KONG_ROLE, "login_role": LOGIN_ROLE, "kong_role_arn": kong, "login_role_arn": login,
        "operator": {"access_key_id": exports["AWS_ACCESS_KEY_ID"],
                     "secret_access_key": exports["AWS_SECRET_ACCESS_KEY"]},
        "imds": {"id": "default", "endpoint": exports["AWS_EC2_METADATA_SERVICE_ENDPOINT"]},
        "secret": {"path": f"{kv_mount}/{SECRET_PATH}", "field": "value", "value": SECRET_VALUE},
    }


def _put_role(shell: Shell, role: str, trust: str, policy: str) -> None:
    """Makes a role with its trust, its permission and its instance profile."""
    there = ("EntityAlreadyExists",)
    shell.run("aws", "iam", "create-role", "--role-name", role, "--assume-role-policy-document", trust, fine=there)
    shell.run("aws", "iam", "update-assume-role-policy", "--role-name", role, "--policy-document", trust)
    shell.run("aws", "iam", "put-role-policy", "--role-name", role, "--policy-name", role, "--policy-document", policy)
    shell.run("aws", "iam", "create-instance-profile", "--instance-profile-name", role, fine=there)
    shell.run("aws", "iam", "add-role-to-instance-profile", "--instance-profile-name", role, "--role-name", role,
              fine=("LimitExceeded", *there))


def _put_vault(shell: Shell, auth_mount: str, kv_mount: str, login: str) -> None:
    there = ("path is already in use",)
    shell.run("vault", "auth", "enable", f"-path={auth_mount}", "aws", fine=there)
    shell.run("vault", "write", f"auth/{auth_mount}/config/client", "sts_endpoint=", "sts_region=",
              "use_sts_region_from_client=true")
    shell.run("vault", "policy", "write", POLICY, "-", given=kong_policy(kv_mount))
    shell.run("vault", "write", f"auth/{auth_mount}/role/{AUTH_ROLE}", "auth_type=iam",
              f"bound_iam_principal_arn={login}", f"token_policies={POLICY}", "token_ttl=1h", "token_max_ttl=24h")
    shell.run("vault", "secrets", "enable", f"-path={kv_mount}", "kv-v2", fine=there)
    # A new mount becomes versioned a moment after it is there.
    shell.run_until("vault", "kv", "put", f"-mount={kv_mount}", SECRET_PATH, "value=-", given=SECRET_VALUE, seconds=10)
