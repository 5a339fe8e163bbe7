"""The servers vaultiam is tested against: HashiCorp Vault, an AWS, instance metadata.

`tests/servers` is the way in. The launcher side (`cli`, `install`, `instance`,
`article`) needs nothing but Python; everything else runs in the supervisor, one
process per instance, on the packages that `install` put into the cache.
"""
