"""EC2's and the containers' part in role credentials: the service assumes the role, if its trust allows that."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Set
from dataclasses import dataclass
from urllib.parse import unquote

from .aws_root import AwsError, Root, text

LIFETIME = 3600
RENEW_BEFORE = 600
EC2 = frozenset({"ec2.amazonaws.com", "ec2.amazonaws.com.cn"})


@dataclass(frozen=True)
class Credentials:
    """Temporary keys as EC2 hands them out."""

    access_key: str
    secret_key: str
    token: str
    expiration: str
    expires: float

    def document(self) -> dict[str, str]:
        """Returns them as both metadata services of AWS name them."""
        return {"AccessKeyId": self.access_key, "SecretAccessKey": self.secret_key, "Token": self.token,
                "Expiration": self.expiration}


class NotTrusted(Exception):
    """The role's trust policy does not name the service."""


class InstanceRoles:
    """Hands out the credentials of instance roles and keeps them while they are good, as EC2 does."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._kept: dict[tuple[str, str, str], Credentials] = {}
        self._lock = threading.Lock()

    def role_of_profile(self, account: str, profile: str) -> str | None:
        """Returns the role in an instance profile; None without profile or role."""
        try:
            found = self._root.call("iam", account, "GetInstanceProfile", InstanceProfileName=profile)
        except AwsError as error:
            if error.code == "NoSuchEntity":
                return None
            raise
        return text(found, "RoleName") or None

    def has_profile(self, account: str, role: str) -> bool:
        """Says whether any instance profile holds the role."""
        try:
            found = self._root.call("iam", account, "ListInstanceProfilesForRole", RoleName=role)
        except AwsError:
            return False
        return bool(text(found, "InstanceProfileName"))

    def credentials(self, account: str, role: str, session_name: str, services: Set[str] = EC2) -> Credentials:
        """Assumes the role for an instance or container; raises NotTrusted where none of the services may."""
        found = self._root.call("iam", account, "GetRole", RoleName=role)
        if not _trusts(unquote(text(found, "AssumeRolePolicyDocument")), services):
            raise NotTrusted(role)
        key = (account, text(found, "RoleId"), session_name)
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.expires - time.time() < RENEW_BEFORE:
                kept = self._kept[key] = self._assume(account, text(found, "Arn"), session_name)
            return kept

    def _assume(self, account: str, arn: str, session_name: str) -> Credentials:
        answer = self._root.call("sts", account, "AssumeRole", RoleArn=arn, RoleSessionName=session_name,
                                 DurationSeconds=str(LIFETIME))
        return Credentials(text(answer, "AccessKeyId"), text(answer, "SecretAccessKey"), text(answer, "SessionToken"),
                           text(answer, "Expiration"), time.time() + LIFETIME)


def _trusts(trust: str, wanted: Set[str]) -> bool:
    """Says whether a trust policy allows one of these services to assume the role."""
    try:
        statements = json.loads(trust).get("Statement", [])
    except ValueError:
        return False
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        services = [services] if isinstance(services, str) else services
        if statement.get("Effect") == "Allow" and wanted & set(services):
            return True
    return False
