"""Puts each case on stdin in place, has its caller assume the role, and prints what STS said.

The callers and the role are made once; their policies are those of the case.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"max_attempts": 1})


def client(service, key, secret, token=None):
    return boto3.client(service, region_name="us-east-1", config=CONFIG,
                        aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token)


class Accounts:
    """What is in the accounts, made as it is needed."""

    def __init__(self):
        self.iam = {}
        self.keys = {}
        self.seen = set()

    def of(self, account):
        if account not in self.iam:
            self.iam[account] = client("iam", account, "test")
        return self.iam[account]

    def user(self, caller):
        """The caller as a user of its own account, with its keys."""
        iam, name = self.of(caller["account"]), caller["name"]
        if (caller["account"], name) not in self.keys:
            iam.create_user(UserName=name, Path=caller["path"])
            key = iam.create_access_key(UserName=name)["AccessKey"]
            self.keys[caller["account"], name] = key["AccessKeyId"], key["SecretAccessKey"]
        for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
            iam.delete_user_policy(UserName=name, PolicyName=policy)
        for index, document in enumerate(caller["identity"]):
            iam.put_user_policy(UserName=name, PolicyName=f"own{index}", PolicyDocument=json.dumps(document))
        self.boundary(caller, lambda arn: iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn),
                      lambda: iam.delete_user_permissions_boundary(UserName=name))
        return self.keys[caller["account"], name]

    def role(self, caller):
        """The caller as a session of a role."""
        account, name = caller["account"], caller["name"]
        iam = self.of(account)
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:*"}]}
        self.make_role(account, caller["path"], name, trust)
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        for index, document in enumerate(caller["identity"]):
            iam.put_role_policy(RoleName=name, PolicyName=f"own{index}", PolicyDocument=json.dumps(document))
        self.boundary(caller, lambda arn: iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=arn),
                      lambda: iam.delete_role_permissions_boundary(RoleName=name))
        arguments = {"RoleArn": f"arn:aws:iam::{account}:role{caller['path']}{name}",
                     "RoleSessionName": caller["session"]}
        if caller["policies"]:
            statements = [statement for document in caller["policies"] for statement in listed(document["Statement"])]
            arguments["Policy"] = json.dumps({"Version": "2012-10-17", "Statement": statements})
        session = client("sts", account, "test").assume_role(**arguments)["Credentials"]
        return session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]

    def make_role(self, account, path, name, trust):
        iam = self.of(account)
        if (account, "role", name) not in self.seen:
            iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust))
            self.seen.add((account, "role", name))
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))

    def boundary(self, caller, put, delete):
        if not caller["boundary"]:
            try:
                delete()
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchEntity":
                    raise
            return
        iam = self.of(caller["account"])
        document = json.dumps({"Version": "2012-10-17", **caller["boundary"][0]})
        name = f"boundary{len(self.seen)}"
        self.seen.add(name)
        put(iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"])


def listed(statements):
    return statements if isinstance(statements, list) else [statements]


def ask(accounts, case):
    role = case["role"]
    try:
        keys = accounts.user(case["caller"]) if "session" not in case["caller"] else None
        accounts.make_role(role["account"], role["path"], role["name"], case["trust"])
        # The caller may be the role itself, so its session comes after its trust.
        if keys is None:
            keys = accounts.role(case["caller"])
            accounts.make_role(role["account"], role["path"], role["name"], case["trust"])
    except ClientError as error:
        return f"not made: {error}"
    try:
        client("sts", *keys).assume_role(**case["arguments"])
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return "denied" if code == "AccessDenied" else f"{code}: {error}"
    return "allowed"


ACCOUNTS = Accounts()
json.dump([ask(ACCOUNTS, case) for case in json.load(sys.stdin)], sys.stdout)
