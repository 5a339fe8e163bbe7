path "cubbyhole/response"   { capabilities = ["create", "read"] }
path "sys/wrapping/unwrap"  { capabilities = ["update"] }
