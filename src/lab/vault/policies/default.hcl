path "auth/token/lookup-self" { capabilities = ["read"] }
path "auth/token/renew-self"  { capabilities = ["update"] }
path "auth/token/revoke-self" { capabilities = ["update"] }

path "sys/capabilities-self"     { capabilities = ["update"] }
path "sys/internal/ui/resultant-acl" { capabilities = ["read"] }
path "sys/renew"                 { capabilities = ["update"] }
path "sys/leases/renew"          { capabilities = ["update"] }
path "sys/leases/lookup"         { capabilities = ["update"] }
path "sys/wrapping/wrap"         { capabilities = ["update"] }
path "sys/wrapping/lookup"       { capabilities = ["update"] }
path "sys/wrapping/unwrap"       { capabilities = ["update"] }
path "sys/tools/hash"            { capabilities = ["update"] }
path "sys/tools/hash/*"          { capabilities = ["update"] }
path "sys/control-group/request" { capabilities = ["update"] }

path "identity/entity/id/{{identity.entity.id}}"     { capabilities = ["read"] }
path "identity/entity/name/{{identity.entity.name}}" { capabilities = ["read"] }
path "identity/oidc/provider/+/authorize" { capabilities = ["read", "update"] }

path "cubbyhole/*" { capabilities = ["create", "read", "update", "delete", "list"] }
