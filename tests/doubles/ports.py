"""Free loopback ports for servers that must be told theirs."""

from __future__ import annotations

import random
import socket

from .web import LOOPBACK

# Below the range the kernel takes outgoing ports from, so that a port which
# was free a moment ago is not taken by somebody's connection.
_PORTS = range(20000, 32000, 2)
_given: set[int] = set()


def free_pairs(count: int) -> list[int]:
    """Returns ports that are free together with the next one; none is given twice."""
    found: list[int] = []
    while len(found) < count:
        port = random.choice(_PORTS)
        if port not in _given and _is_free(port) and _is_free(port + 1):
            _given.add(port)
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
