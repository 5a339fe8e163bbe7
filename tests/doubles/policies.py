"""Accounts, and the documents of the article's state for IAM and for Vault."""

from __future__ import annotations

import json
import re
from typing import Any


def account_id(request: dict[str, Any]) -> str:
    """Returns the account a request names."""
    account = str(request.get("account", ""))
    if not re.fullmatch(r"\d{12}", account):
        raise ValueError("account: twelve digits are wanted")
    return account


def role_arn(account: str, role: str) -> str:
    """Returns a role's ARN."""
    return f"arn:aws:iam::{account}:role/{role}"


def ec2_trust(*principals: str) -> str:
    """Returns a trust policy for EC2's service and these ARNs."""
    statements = [_assume({"Service": "ec2.amazonaws.com"}), *(_assume({"AWS": arn}) for arn in principals)]
    return _policy(*statements)


def allow(action: str, resource: str) -> str:
    """Returns an identity policy that allows one thing."""
    return _policy({"Effect": "Allow", "Action": action, "Resource": resource})


def kong_policy(kv_mount: str) -> str:
    """Returns Vault's policy for Kong: reading its secrets in a KV v2 mount."""
    return f'path "{kv_mount}/data/kong/*" {{ capabilities = ["read"] }}\n'


def _assume(principal: dict[str, str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
