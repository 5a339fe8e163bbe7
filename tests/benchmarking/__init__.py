"""The benchmark: vaultiam and other clients do the same work on the same real servers.

`scene` puts the servers in place, `contenders` says what each client runs,
`measure` runs it, `page` writes what came of it into docs/benchmarks.md.
"""
