"""Puts an instance together: ministack, the doubles, Vault, the operator, and what the outside is told of them."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from .aws_root import Root
from .control import Control
from .errors import ServersError
from .front import Front
from .instance_roles import InstanceRoles
from .isolated_article import IsolatedArticles
from .metadata import Instance
from .paths import Tools
from .pki import Pki
from .policies import allow
from .ports import free_pairs
from .processes import Child, spawn, wait_until
from .users import make_user
from .vault_identity import VaultIdentity, VaultIdentityEndpoint
from .vaults import Vaults, VaultServer, vault_environment
from .web import LOOPBACK, forward

MAIN_ACCOUNT = "123456789012"
REGION = "us-east-1"
DEFAULT_IMDS = "default"


def assemble(state: Path, tools: Tools, children: list[Child]) -> dict[str, str]:
    """Starts everything, appends the processes to `children`, and returns the exports."""
    (state / "logs").mkdir()
    (state / "vault").mkdir()
    pki = Pki(state / "pki")
    ministack = _start_ministack(state, tools, children)
    root = Root(ministack)
    roles = InstanceRoles(root)
    front = Front(pki, ministack, root, state / "front.jsonl")
    identity = VaultIdentityEndpoint(VaultIdentity(MAIN_ACCOUNT), roles)
    vaults = Vaults(state, tools, vault_environment(state, front.server.url, pki.ca), children)
    vault, ports = vaults.start_main(pki, identity.url)
    articles = IsolatedArticles(root, vault.client)
    control = Control(front, roles, pki, vaults, vault, identity, articles, root)
    imds = control.add_imds(DEFAULT_IMDS, Instance(MAIN_ACCOUNT))
    operator = make_user(root, MAIN_ACCOUNT, "operator", allow("*", "*"))
    return {
        "VAULTIAM_SERVERS": str(state),
        "VAULTIAM_CONTROL": control.url,
        "VAULTIAM_FRONT_LOG": str(state / "front.jsonl"),
        "AWS_ACCESS_KEY_ID": operator["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": operator["secret_access_key"],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": imds["endpoint"],
        "AWS_CA_BUNDLE": str(pki.ca),
        "HTTPS_PROXY": front.server.url,
        "NO_PROXY": f"{LOOPBACK},localhost",
        **_empty_aws_files(state),
        **_vault_exports(state, pki, vault, ports),
        **_programs(state, tools),
    }


def _start_ministack(state: Path, tools: Tools, children: list[Child]) -> int:
    """Starts STS and IAM; nothing of the outside's AWS settings may reach it, they would become its root."""
    for _ in range(3):
        (port,) = free_pairs(1)
        child = spawn("ministack", [str(tools.ministack)], {
            "PATH": os.defpath, "HOME": str(state), "AUTH": "true", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",
            "BIND_HOST": LOOPBACK, "GATEWAY_PORT": str(port), "MINISTACK_ACCOUNT_ID": MAIN_ACCOUNT,
            "SERVICES": "iam,sts,ec2", "LOG_LEVEL": "WARNING"}, state / "logs" / "ministack.log")
        children.append(child)
        if wait_until(partial(_is_decided, child, port), 30) and child.running():
            return port
        child.stop()
    raise ServersError(f"ministack did not start: {child.last_words()}")


def _is_decided(child: Child, port: int) -> bool:
    """Says whether ministack answers, or has ended."""
    if not child.running():
        return True
    try:
        return forward((LOOPBACK, port), "GET", "/_ministack/health", [("Host", LOOPBACK)], b"").status == 200
    except OSError:
        return False


def _empty_aws_files(state: Path) -> dict[str, str]:
    """Keeps a person's own profiles out."""
    exports = {}
    for name, variable in (("config", "AWS_CONFIG_FILE"), ("credentials", "AWS_SHARED_CREDENTIALS_FILE")):
        path = state / "aws" / name
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        exports[variable] = str(path)
    return exports


def _vault_exports(state: Path, pki: Pki, vault: VaultServer, ports: dict[str, int]) -> dict[str, str]:
    certificate, key = pki.issue("vault-client", "client.example")
    return {
        "VAULT_ADDR": vault.address,
        "VAULT_TOKEN": vault.token,
        "VAULTIAM_VAULT_AUDIT": str(vault.audit),
        "VAULTIAM_VAULT_CA": str(pki.ca),
        "VAULTIAM_OTHER_CA": str(pki.other_ca),
        "VAULTIAM_VAULT_TLS": f"https://{LOOPBACK}:{ports['good']}",
        "VAULTIAM_VAULT_EXPIRED": f"https://{LOOPBACK}:{ports['expired']}",
        "VAULTIAM_VAULT_WRONG_NAME": f"https://{LOOPBACK}:{ports['wrong_name']}",
        "VAULTIAM_VAULT_MTLS": f"https://{LOOPBACK}:{ports['mtls']}",
        "VAULTIAM_VAULT_BALANCED": f"http://{LOOPBACK}:{ports['balanced']}",
        "VAULTIAM_VAULT_CLIENT_CERT": str(certificate),
        "VAULTIAM_VAULT_CLIENT_KEY": str(key),
    }


def _programs(state: Path, tools: Tools) -> dict[str, str]:
    """Offers exactly `aws`, `vault` and `bao` on PATH, nothing else of the virtual environment."""
    programs = state / "bin"
    programs.mkdir()
    (programs / "aws").symlink_to(tools.aws)
    (programs / "vault").symlink_to(tools.vault)
    (programs / "bao").symlink_to(tools.bao)
    return {
        "VAULTIAM_BIN": str(programs),
        "VAULTIAM_AWS_CLI": str(tools.aws),
        "VAULTIAM_VAULT_CLI": str(tools.vault),
        "VAULTIAM_BAO_CLI": str(tools.bao),
        "VAULTIAM_PYTHON": str(tools.python),
    }
