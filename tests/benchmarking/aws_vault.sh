#!/usr/bin/env bash
# What people write where the aws and vault commands are all they have: assume the
# role, sign, log in, read. `vault login -method=aws` would sign and log in in one
# process; the vault command that is built here has no such method.
# Arguments: the paths. The environment names the rest.
set -euo pipefail

read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(
  aws sts assume-role --role-arn "$LOGIN_ROLE_ARN" --role-session-name benchmark --duration-seconds 900 \
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
VAULT_TOKEN=$("$SIGNER_PYTHON" "$SIGNER" | vault write -field=token "auth/$AUTH_MOUNT/login" -)
export VAULT_TOKEN
for path; do
  vault kv get -mount="$KV_MOUNT" -field=value "$path"
  echo
done
