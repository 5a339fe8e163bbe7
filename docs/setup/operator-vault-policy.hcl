# What `vaultiam setup` and `vaultiam teardown` need in Vault, for the default
# names: auth mount aws, auth role kong-role, policy kong-policy, KV mount kv.
#
# Whoever may write auth/aws/role/kong-role can hand out any existing policy.
# A token with this policy is an administrator's: keep it as one.

# See whether the auth method and the KV engine are there.
path "sys/auth" {
  capabilities = ["read"]
}
path "sys/mounts" {
  capabilities = ["read"]
}

# Enable and disable the auth method; Vault guards that with sudo.
path "sys/auth/aws" {
  capabilities = ["update", "delete", "sudo"]
}
path "auth/aws/config/client" {
  capabilities = ["create", "read", "update"]
}
path "auth/aws/role/kong-role" {
  capabilities = ["create", "read", "update", "delete"]
}
# See whom a change of config/client, or the end of the mount, would touch.
path "auth/aws/roles" {
  capabilities = ["list"]
}

path "sys/policies/acl/kong-policy" {
  capabilities = ["read", "update", "delete"]
}

# Make the KV engine. `teardown --delete-secrets kv` needs "delete" as well.
path "sys/mounts/kv" {
  capabilities = ["update"]
}
