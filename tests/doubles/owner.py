"""Who an instance belongs to: the process that has to be alive for the servers to stay up."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import ServersError
from .processes import Identity, identify, stat_fields

_PARENT, _STACK = 1, 25  # fields of /proc/PID/stat, counted from the third


def default_owner() -> Identity:
    """Returns the shell that asked.

    In `eval "$(tests/servers up)"` the parent may be a subshell that is gone
    in a moment. A process that was forked and has started no program since
    has its parent's stack address; so the one to watch is further up.
    """
    pid = os.getppid()
    while _is_fork_of_parent(pid):
        pid = int(stat_fields(pid)[_PARENT])
    return owner(pid)


def owner(pid: int) -> Identity:
    """Returns the process of an id that a person gave."""
    found = identify(pid)
    if found is None:
        raise ServersError(f"no process {pid} to belong to")
    return found


def _is_fork_of_parent(pid: int) -> bool:
    fields = stat_fields(pid)
    if not fields or int(fields[_PARENT]) <= 1:
        return False
    parent = int(fields[_PARENT])
    parent_fields = stat_fields(parent)
    same_stack = bool(parent_fields) and fields[_STACK] == parent_fields[_STACK] != "0"
    return same_stack and _command_line(pid) == _command_line(parent)


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
