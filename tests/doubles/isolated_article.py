"""The article's state in an account of its own, for one test among many on the same servers.

Same roles and policies as `article`, made through the APIs because dozens of
tests want it at once. One thing differs: Vault's own identity is in the main
account, so this account's `config/client` holds the keys of an IAM user.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from .aws_root import Root
from .policies import account_id, allow, ec2_trust, kong_policy, role_arn
from .users import make_user
from .vault_client import VaultClient

SECRET_PATH = "kong/db-password"
SECRET_VALUE = "s3cr3t-from-vault"


@dataclass(frozen=True)
class Names:
    """What the state is made of; mounts and the policy are global in Vault and carry the account."""

    account: str
    auth_mount: str
    kv_mount: str
    policy: str
    auth_role: str = "kong-role"
    kong_role: str = "KongRole"
    login_role: str = "VaultRole"

    @classmethod
    def read(cls, request: dict[str, str]) -> Names:
        """Reads a request; only `account` must be given."""
        account = account_id(request)
        defaults = {"auth_mount": f"aws-{account}", "kv_mount": f"kv-{account}", "policy": f"kong-policy-{account}"}
        return cls(**{**defaults, **request})


class IsolatedArticles:
    """Makes the state in accounts, once or again, and remembers the keys it made."""

    def __init__(self, root: Root, vault: VaultClient) -> None:
        self._root = root
        self._vault = vault
        self._made: dict[str, dict[str, Any]] = {}
        self._locks: dict[str, threading.Lock] = {}

    def make(self, names: Names) -> dict[str, Any]:
        """Puts the state in place and returns what a test needs to know of it."""
        with self._locks.setdefault(names.account, threading.Lock()):
            if names.account not in self._made:
                self._made[names.account] = self._users(names.account)
            kept = self._made[names.account]
            self._roles(names)
            self._mount(names, kept["vault_server"])
            return {
                **names.__dict__, **kept,
                "kong_role_arn": role_arn(names.account, names.kong_role),
                "login_role_arn": role_arn(names.account, names.login_role),
                "secret": {"path": f"{names.kv_mount}/{SECRET_PATH}", "field": "value", "value": SECRET_VALUE},
            }

    def _users(self, account: str) -> dict[str, Any]:
        return {"operator": make_user(self._root, account, "operator", allow("*", "*")),
                "vault_server": make_user(self._root, account, "vault-server", allow("iam:GetRole", "*"))}

    def _roles(self, names: Names) -> None:
        kong, login = role_arn(names.account, names.kong_role), role_arn(names.account, names.login_role)
        self._role(names.account, names.kong_role, ec2_trust(), allow("sts:AssumeRole", login))
        self._role(names.account, names.login_role, ec2_trust(kong), allow("iam:GetRole", login))

    def _role(self, account: str, role: str, trust: str, policy: str) -> None:
        ensure, call = self._root.ensure, self._root.call
        ensure("iam", account, "CreateRole", RoleName=role, AssumeRolePolicyDocument=trust)
        call("iam", account, "UpdateAssumeRolePolicy", RoleName=role, PolicyDocument=trust)
        call("iam", account, "PutRolePolicy", RoleName=role, PolicyName=role, PolicyDocument=policy)
        ensure("iam", account, "CreateInstanceProfile", InstanceProfileName=role)
        ensure("iam", account, "AddRoleToInstanceProfile", InstanceProfileName=role, RoleName=role)

    def _mount(self, names: Names, server: dict[str, str]) -> None:
        vault, auth = self._vault, f"auth/{names.auth_mount}"
        vault.ensure_mount(f"sys/{auth}", {"type": "aws"})
        vault.call("POST", f"{auth}/config/client", {
            "access_key": server["access_key_id"], "secret_key": server["secret_access_key"],
            "sts_endpoint": "", "sts_region": "", "use_sts_region_from_client": True})
        vault.call("PUT", f"sys/policies/acl/{names.policy}", {"policy": kong_policy(names.kv_mount)})
        vault.call("POST", f"{auth}/role/{names.auth_role}", {
            "auth_type": "iam", "bound_iam_principal_arn": role_arn(names.account, names.login_role),
            "token_policies": names.policy, "token_ttl": "1h", "token_max_ttl": "24h"})
        vault.ensure_mount(f"sys/mounts/{names.kv_mount}", {"type": "kv", "options": {"version": "2"}})
        vault.put_secret(names.kv_mount, SECRET_PATH, {"value": SECRET_VALUE})
