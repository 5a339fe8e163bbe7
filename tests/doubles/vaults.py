"""HashiCorp Vault itself: the dev server that tests share, and further servers on demand, OpenBao among them."""

from __future__ import annotations

import itertools
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ServersError
from .paths import Tools
from .pki import Pki
from .ports import free_pairs
from .processes import Child, spawn, wait_until
from .software import Software, softwares
from .vault_client import VaultClient
from .web import LOOPBACK

STATES = ("uninitialised", "sealed", "active", "open")
ATTEMPTS = 3
CREDENTIALS = "AWS_CONTAINER_CREDENTIALS_FULL_URI"

# The plugin is started by Vault, not by us, and would outlive a killed Vault.
# So Vault starts this instead: it asks the kernel to die with Vault, then
# becomes the plugin.
PLUGIN_WRAPPER = """#!{python} -IS
import ctypes, os, signal, sys
from typing import Any
vault = os.getppid()
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != vault:
    sys.exit(1)
os.execv({plugin!r}, [{plugin!r}])
"""


@dataclass
class VaultServer:
    """A running Vault: its process, its port; its token and its audit log if it has them."""

    child: Child
    port: int
    token: str = ""
    audit: Path | None = None

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def client(self) -> VaultClient:
        return VaultClient(self.port, self.token)


class Vaults:
    """Starts Vault servers in one state directory; `children` is where the supervisor keeps what it must end."""

    def __init__(self, state: Path, tools: Tools, environment: dict[str, str], children: list[Child]) -> None:
        self._children = children
        self._state = state
        self._tools = tools
        self._environment = environment
        self._numbers = itertools.count(1)
        self._softwares = softwares(tools)
        for name, software in self._softwares.items():
            self._write_plugin(name, software)

    def start_main(self, pki: Pki, credentials: str) -> tuple[VaultServer, dict[str, int]]:
        """Starts the dev server that tests share, with its other listeners; returns it and their ports."""
        for _ in range(ATTEMPTS):
            ports = dict(zip(("good", "expired", "wrong_name", "mtls", "balanced"), free_pairs(5), strict=True))
            listeners = [*_tls_listeners(pki, ports), _balanced_listener(ports["balanced"])]
            server = self._try_dev("vault", "vault", {"listener": listeners}, credentials)
            if server.child.running():
                return server, ports
        raise ServersError(f"Vault did not start: {server.child.last_words()}")

    def start_other(self, software: str, state: str, credentials: str) -> VaultServer:
        """Starts a server of its own, `vault` or `openbao`, whose AWS identity comes from `credentials`.

        It is `uninitialised`, `sealed`, `active`, or `open`: a dev server as the
        main one is, in which nothing is mounted.
        """
        if state not in STATES:
            raise ValueError(f"a Vault cannot be {state}, only {', '.join(STATES)}")
        if software not in self._softwares:
            raise ValueError(f"no software {software}, only {', '.join(self._softwares)}")
        name = f"{software}-{next(self._numbers)}"
        for _ in range(ATTEMPTS):
            server = (self._try_dev(software, name, {}, credentials, *self._softwares[software].empty_flags)
                      if state == "open" else self._try_inmem(software, name, state, credentials))
            if server.child.running():
                return server
        raise ServersError(f"{name} did not start: {server.child.last_words()}")

    def stop(self, server: VaultServer) -> None:
        """Ends a server, which holds everything in memory, and its plugins."""
        server.child.kill()
        self._children.remove(server.child)

    def _try_dev(self, software: str, name: str, more: dict[str, Any], credentials: str, *flags: str) -> VaultServer:
        """Starts a dev server, audited; it does not run if somebody took its port meanwhile."""
        (port,) = free_pairs(1)
        audit = self._state / f"{name}-audit.jsonl"
        kind = self._softwares[software]
        config = self._write(name, {"disable_mlock": True, "api_addr": f"http://{LOOPBACK}:{port}",
                                    **kind.audit_config(audit), **more})
        token = f"admin-{secrets.token_hex(16)}"  # Vault takes no root token that looks like one of its own
        child = self._spawn(kind, name, ["-dev", "-dev-no-store-token", f"-dev-listen-address={LOOPBACK}:{port}",
                                         f"-dev-plugin-dir={self._plugins(software)}", f"-config={config}", *flags],
                            {kind.root_token_variable: token, CREDENTIALS: credentials})
        server = VaultServer(child, port, token, audit)
        if self._came_up(server, {200}):
            kind.prepare(server.client, audit)
        return server

    def _try_inmem(self, software: str, name: str, state: str, credentials: str) -> VaultServer:
        """Starts a server that is no dev server; it does not run if somebody took its port meanwhile."""
        (port,) = free_pairs(1)
        config = self._write(name, {
            "disable_mlock": True, "storage": {"inmem": {}}, "api_addr": f"http://{LOOPBACK}:{port}",
            "listener": [{"tcp": {**_addresses(port), "tls_disable": True}}]})
        child = self._spawn(self._softwares[software], name, [f"-config={config}"], {CREDENTIALS: credentials})
        server = VaultServer(child, port)
        if self._came_up(server, {501}) and state != "uninitialised":
            _initialise(server, unseal=state == "active")
        return server

    def _spawn(self, software: Software, name: str, arguments: list[str], environment: dict[str, str]) -> Child:
        child = spawn(name, [str(software.program), "server", "-log-level=warn", *arguments],
                      {**self._environment, **environment}, self._state / "logs" / f"{name}.log")
        self._children.append(child)
        return child

    def _came_up(self, server: VaultServer, statuses: set[int]) -> bool:
        def ready() -> bool:
            return not server.child.running() or server.client.answers(statuses)
        if wait_until(ready, 30) and server.child.running():
            return True
        server.child.stop()
        return False

    def _write(self, name: str, config: dict[str, Any]) -> Path:
        path = self._state / "vault" / f"{name}.json"
        path.write_text(json.dumps(config, indent=2))
        return path

    def _write_plugin(self, software: str, kind: Software) -> None:
        directory = self._plugins(software)
        directory.mkdir(parents=True)
        plugin = directory / kind.plugin_name
        plugin.write_text(PLUGIN_WRAPPER.format(python=self._tools.python, plugin=str(kind.plugin)))
        plugin.chmod(0o755)

    def _plugins(self, software: str) -> Path:
        return self._state / "plugins" / software


def vault_environment(state: Path, front: str, ca: Path) -> dict[str, str]:
    """Returns what every Vault server sees: the front, the test CA, nothing from outside."""
    (state / "vault" / "tmp").mkdir()
    return {
        "PATH": os.defpath, "HOME": str(state / "vault"), "TMPDIR": str(state / "vault" / "tmp"),
        "HTTPS_PROXY": front, "NO_PROXY": f"{LOOPBACK},localhost", "SSL_CERT_FILE": str(ca),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _tls_listeners(pki: Pki, ports: dict[str, int]) -> list[dict[str, Any]]:
    good = pki.issue("vault", LOOPBACK, "localhost")
    files = {"good": good, "mtls": good, "expired": pki.issue_expired("vault-expired", LOOPBACK, "localhost"),
             "wrong_name": pki.issue("vault-wrong-name", "vault.elsewhere.example")}
    listeners = []
    for name, (certificate, key) in files.items():
        listener = {**_addresses(ports[name]), "tls_cert_file": str(certificate), "tls_key_file": str(key)}
        if name == "mtls":
            listener |= {"tls_require_and_verify_client_cert": True, "tls_client_ca_file": str(pki.ca)}
        listeners.append({"tcp": listener})
    return listeners


def _balanced_listener(port: int) -> dict[str, Any]:
    """A listener that takes what a load balancer has put the client's address on, and nothing else."""
    return {"tcp": {**_addresses(port), "tls_disable": True, "x_forwarded_for_authorized_addrs": f"{LOOPBACK}/8",
                    "x_forwarded_for_reject_not_present": True}}


def _addresses(port: int) -> dict[str, Any]:
    return {"address": f"{LOOPBACK}:{port}", "cluster_address": f"{LOOPBACK}:{port + 1}"}


def _initialise(server: VaultServer, unseal: bool) -> None:
    answer = VaultClient(server.port).call("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
    server.token = str(answer["root_token"])
    if unseal:
        VaultClient(server.port).call("PUT", "sys/unseal", {"key": answer["keys"][0]})
        wait_until(lambda: server.client.answers({200}), 10)

