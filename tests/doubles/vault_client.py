"""A few calls to Vault's HTTP API, as the supervisor needs them."""

from __future__ import annotations

import json
import time
from typing import Any

from .web import LOOPBACK, forward


class VaultError(Exception):
    """A refusal of Vault, with its own words."""

    def __init__(self, status: int, errors: list[str]) -> None:
        super().__init__(f"Vault answered {status}: {'; '.join(errors)}")
        self.status = status
        self.errors = errors


class VaultClient:
    """One Vault server, seen with one token."""

    def __init__(self, port: int, token: str = "") -> None:
        self._port = port
        self._token = token

    def call(self, method: str, path: str, document: dict[str, Any] | None = None) -> dict[str, Any]:
        """Calls /v1/PATH and returns the answer's document (empty for 204)."""
        headers = [("Host", f"{LOOPBACK}:{self._port}"), ("X-Vault-Request", "true")]
        if self._token:
            headers.append(("X-Vault-Token", self._token))
        body = b"" if document is None else json.dumps(document).encode()
        reply = forward((LOOPBACK, self._port), method, f"/v1/{path}", headers, body)
        answer = json.loads(reply.body) if reply.body else {}
        if reply.status >= 400:
            raise VaultError(reply.status, answer.get("errors") or [])
        return answer

    def ensure_mount(self, path: str, document: dict[str, Any]) -> None:
        """Mounts something at sys/PATH; that it is there already is fine."""
        try:
            self.call("POST", path, document)
        except VaultError as error:
            if "path is already in use" not in str(error):
                raise

    def put_secret(self, mount: str, path: str, data: dict[str, str]) -> None:
        """Writes a KV v2 secret; a fresh mount needs a moment to become versioned."""
        deadline = time.monotonic() + 5
        while True:
            try:
                self.call("POST", f"{mount}/data/{path}", {"data": data})
                return
            except VaultError as error:
                if error.status != 400 or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def answers(self, statuses: set[int]) -> bool:
        """Says whether sys/health answers with one of these statuses."""
        try:
            reply = forward((LOOPBACK, self._port), "GET", "/v1/sys/health", [("Host", LOOPBACK)], b"")
        except OSError:
            return False
        return reply.status in statuses
