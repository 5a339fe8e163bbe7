"""What a Python program does for a secret: boto3 assumes the role, hvac logs in and reads.

Arguments: `token` or `login`, then the paths. The environment names the rest.
"""

import os
import sys

import hvac


def main(how: str, paths: list[str]) -> None:
    """Reads the secrets and prints their values, a line each."""
    vault = hvac.Client(url=os.environ["VAULT_ADDR"], verify=os.environ.get("VAULT_CACERT", True),
                        token=os.environ.get("VAULT_TOKEN"))
    if how == "login":
        import boto3  # only who logs in pays for it

        keys = boto3.client("sts").assume_role(RoleArn=os.environ["LOGIN_ROLE_ARN"], RoleSessionName="benchmark",
                                               DurationSeconds=900)["Credentials"]
        vault.auth.aws.iam_login(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"],
                                 role="kong-role", mount_point=os.environ["AUTH_MOUNT"], region="us-east-1")
    for path in paths:
        read = vault.secrets.kv.v2.read_secret_version(path, mount_point=os.environ["KV_MOUNT"],
                                                       raise_on_deleted_version=True)
        print(read["data"]["data"]["value"])


main(sys.argv[1], sys.argv[2:])
