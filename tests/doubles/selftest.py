"""`tests/servers selftest`: proves on a fresh instance what the tests rely on."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from . import proofs_aws, proofs_life, proofs_openbao, proofs_own_vault, proofs_vault
from .proving import Instance, servers


def main() -> int:
    """Runs every proof and says how many held."""
    instance = proofs_life.start(os.getpid())
    passed = failed = 0
    try:
        for proof in [*proofs_vault.FIRST, *proofs_vault.PROOFS, *proofs_own_vault.PROOFS, *proofs_openbao.PROOFS,
                      *proofs_aws.PROOFS, *proofs_life.PROOFS]:
            if _holds(proof, instance):
                passed += 1
            else:
                failed += 1
    finally:
        servers("down", instance.exports["VAULTIAM_SERVERS"])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _holds(proof: Callable[[Instance], None], instance: Instance) -> bool:
    name, start = proof.__name__.replace("_", " "), time.monotonic()
    try:
        proof(instance)
    except Exception as error:  # a proof that breaks is a proof that failed
        print(f"FAIL  {name}: {type(error).__name__}: {error}", flush=True)
        return False
    print(f"ok    {name}  {time.monotonic() - start:.1f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
