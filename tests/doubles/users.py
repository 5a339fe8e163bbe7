"""IAM users with keys: operators with all rights, and operators with few."""

from __future__ import annotations

from .aws_root import Root, text


def make_user(root: Root, account: str, name: str, policy: str) -> dict[str, str]:
    """Makes an IAM user with an inline policy and returns the keys of it."""
    root.ensure("iam", account, "CreateUser", UserName=name)
    root.call("iam", account, "PutUserPolicy", UserName=name, PolicyName=name, PolicyDocument=policy)
    key = root.call("iam", account, "CreateAccessKey", UserName=name)
    return {"access_key_id": text(key, "AccessKeyId"), "secret_access_key": text(key, "SecretAccessKey")}
