# managed by vaultiam (stack kong)
path "kv/data/kong/*" {
  capabilities = ["read"]
}
