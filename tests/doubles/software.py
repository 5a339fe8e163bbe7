"""The programs that speak Vault's API: HashiCorp Vault and OpenBao, and where they are started differently."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .paths import Tools
from .vault_client import VaultClient


@dataclass(frozen=True)
class Software:
    """A server program and its aws auth method, which is a plugin."""

    program: Path
    plugin: Path
    plugin_name: str
    root_token_variable: str

    @property
    def empty_flags(self) -> list[str]:
        """What starts a dev server without a secrets engine."""
        return ["-dev-no-kv"]

    def audit_config(self, audit: Path) -> dict[str, Any]:
        """Returns what the configuration of a dev server says about its audit log."""
        return {}

    def prepare(self, client: VaultClient, audit: Path) -> None:
        """Does what is left to do once a dev server answers."""
        client.call("POST", "sys/audit/file", {"type": "file", "options": {"file_path": str(audit)}})


class OpenBao(Software):
    """OpenBao has no flag against the secrets engine, and lets nobody add an audit log over the API."""

    @property
    def empty_flags(self) -> list[str]:
        return []

    def audit_config(self, audit: Path) -> dict[str, Any]:
        return {"audit": [{"type": "file", "path": "file", "options": {"file_path": str(audit)}}]}

    def prepare(self, client: VaultClient, audit: Path) -> None:
        client.call("DELETE", "sys/mounts/secret")


def softwares(tools: Tools) -> dict[str, Software]:
    """Returns the programs by the names that the control API has for them."""
    return {
        "vault": Software(tools.vault, tools.vault_plugin, "aws", "VAULT_DEV_ROOT_TOKEN_ID"),
        "openbao": OpenBao(tools.bao, tools.openbao_plugin, "openbao-plugin-auth-aws", "BAO_DEV_ROOT_TOKEN_ID"),
    }
