"""The servers, the article's state, and a number of secrets."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .delay import LOOPBACK, Distance
from .programs import HERE, BenchmarkError

SERVERS = str(HERE.parent / "servers")
ACCOUNT = "700000000001"

# Whose requests to AWS are Vault's own, which forwards what a client signed.
VAULTS_AGENT = "Go-http-client"


class Scene:
    """Real servers with one Vault role and `count` secrets, until it is closed."""

    def __init__(self, count: int) -> None:
        self.exports = self._start()
        try:
            self.article = self.control("POST", "article", {"account": ACCOUNT})
            self.values = {f"kong/many/{number:03}": f"the-value-of-{number:03}" for number in range(1, count + 1)}
            for path, value in self.values.items():
                self.vault("POST", f"{self.mount}/data/{path}", {"data": {"value": value}})
            made = self.vault("POST", "auth/token/create", {"policies": [self.article["policy"]], "ttl": "2h"})
            self.token: str = made["auth"]["client_token"]
            self.home = tempfile.TemporaryDirectory(prefix="vaultiam-benchmark-")
            self.header = Path(self.home.name) / "header"
            self.header.touch(mode=0o600)
            self.header.write_text(f"X-Vault-Token: {self.token}\n")
        except BaseException:
            self._stop()
            raise

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *_: object) -> None:
        self.home.cleanup()
        self._stop()

    @property
    def mount(self) -> str:
        return str(self.article["kv_mount"])

    def paths(self, count: int) -> list[str]:
        """Returns the paths of the first secrets, below the mount."""
        return list(self.values)[:count]

    def control(self, method: str, path: str, document: object | None = None) -> Any:
        """Calls the servers' control API."""
        return _call(f"{self.exports['VAULTIAM_CONTROL']}/{path}", method, {}, document)

    def vault(self, method: str, path: str, document: object | None = None) -> Any:
        """Calls Vault as its admin."""
        headers = {"X-Vault-Token": self.exports["VAULT_TOKEN"]}
        return _call(f"{self.exports['VAULT_ADDR']}/v1/{path}", method, headers, document)

    def environment(self, reach: Reach, logs_in: bool) -> dict[str, str]:
        """Returns what every client is given: no token where it is to log in, and nothing of the outside."""
        exports = self.exports
        kept = ("AWS_CA_BUNDLE", "NO_PROXY", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
        common = {
            **{name: exports[name] for name in kept},
            "PATH": f"{exports['VAULTIAM_BIN']}:{os.defpath}", "HOME": self.home.name, "USER": "benchmark",
            "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
            "HTTPS_PROXY": reach.front, "VAULT_ADDR": reach.vault, "VAULT_CACERT": exports["VAULTIAM_VAULT_CA"],
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.article["imds"]["endpoint"],
            "VAULTIAM_AUTH_MOUNT": self.article["auth_mount"], "AUTH_MOUNT": self.article["auth_mount"],
            "KV_MOUNT": self.mount, "LOGIN_ROLE_ARN": self.article["login_role_arn"],
            "SIGNER": str(HERE / "sign_login.py"), "SIGNER_PYTHON": exports["VAULTIAM_PYTHON"],
        }
        return common if logs_in else {**common, "VAULT_TOKEN": self.token}

    def _start(self) -> dict[str, str]:
        done = subprocess.run([SERVERS, "up", "--json", "--owner", str(os.getpid())], stdout=subprocess.PIPE,
                              text=True, check=False)
        if done.returncode != 0:
            raise BenchmarkError("the test servers do not start")
        return dict(json.loads(done.stdout))

    def _stop(self) -> None:
        subprocess.run([SERVERS, "down", self.exports["VAULTIAM_SERVERS"]], check=False)


class Reach:
    """How far away Vault and AWS are, and what is spoken to Vault."""

    def __init__(self, scene: Scene, round_trip_ms: int = 0, tls: bool = True) -> None:
        vault = scene.exports["VAULTIAM_VAULT_TLS" if tls else "VAULT_ADDR"]
        self.round_trip_ms, self.tls = round_trip_ms, tls
        self.vault, self.front = vault, scene.exports["HTTPS_PROXY"]
        if round_trip_ms:
            self.vault = _further(vault, round_trip_ms)
            self.front = _further(self.front, round_trip_ms)


class Counted(Reach):
    """A Vault behind a relay that writes down each request."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene, tls=False)
        self._scene = scene
        made = scene.control("POST", "relays", {})
        self._relay, self.vault = made["id"], made["url"]
        self._front_since = scene.control("GET", "log/front?account=none")["next"]
        self._imds = f"imds/{scene.article['imds']['id']}/log"
        self._imds_since = scene.control("GET", f"{self._imds}?method=none")["next"]

    def requests(self) -> dict[str, list[str]]:
        """Returns the client's requests so far: to the metadata service, to AWS, to Vault."""
        scene = self._scene
        front = scene.control("GET", f"log/front?since={self._front_since}&account={ACCOUNT}")["entries"]
        imds = scene.control("GET", f"{self._imds}?since={self._imds_since}")["entries"]
        vault = scene.control("GET", f"relays/{self._relay}/log?event=request")["entries"]
        return {
            "metadata": [entry["path"] for entry in imds],
            "aws": [entry["action"] for entry in front if not (entry["user_agent"] or "").startswith(VAULTS_AGENT)],
            "vault": [entry["path"] for entry in vault],
        }

    def close(self) -> None:
        """Takes the relay away."""
        self._scene.control("DELETE", f"relays/{self._relay}")


def _further(url: str, round_trip_ms: int) -> str:
    parts = urlsplit(url)
    assert parts.port is not None
    return f"{parts.scheme}://{LOOPBACK}:{Distance(parts.port, round_trip_ms / 1000).port}"


def _call(url: str, method: str, headers: dict[str, str], document: object | None) -> Any:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, None if document is None else json.dumps(document), headers)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status >= 300:
        raise BenchmarkError(f"{method} {parts.path}: {answer.status} {body.decode('utf-8', 'replace')[:200]}")
    return json.loads(body) if body else {}
