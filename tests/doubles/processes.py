"""Processes: children that cannot outlive us, and processes that are surely the ones we mean.

A child gets the kernel's "kill me when my parent dies", so not even SIGKILL on
the supervisor leaves a server behind. A process of somebody else is known by
its id *and* its start time, because ids are re-used.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

# "When my parent dies" means the parent's *thread*. All children are started
# by this one thread, which lives as long as the process does.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


@dataclass(frozen=True)
class Identity:
    """A process that stays the same one even if its id is used again."""

    pid: int
    started: int

    def alive(self) -> bool:
        return start_time(self.pid) == self.started

    def signal(self, number: signal.Signals) -> bool:
        """Sends a signal to this very process; False if it is gone."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            if not self.alive():
                return False
            signal.pidfd_send_signal(handle, number)
            return True
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)


def stat_fields(pid: int) -> list[str]:
    """Returns /proc/PID/stat from its third field (state) on, or nothing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def start_time(pid: int) -> int | None:
    """Returns when a process started, in clock ticks since boot; None if it is gone or a zombie."""
    fields = stat_fields(pid)
    return int(fields[19]) if fields and fields[0] not in "ZX" else None


def identify(pid: int) -> Identity | None:
    """Returns the identity of a running process."""
    started = start_time(pid)
    return None if started is None else Identity(pid, started)


class Child:
    """A server that was started here, with its log file."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log
        self.stopped = False

    def running(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        """Ends the server and whatever it started itself (Vault's plugins)."""
        self.stopped = True
        if self.running():
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=3)
        self.kill()

    def kill(self) -> None:
        """Ends the same without giving it time, for what has nothing to put in order."""
        self.stopped = True
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def last_words(self) -> str:
        """Returns the log's last line that speaks of an error, else its last, for a message."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        errors = [line for line in lines if "error" in line.lower()]
        return (errors or lines or ["it said nothing"])[-1]


def spawn(name: str, command: list[str], environment: dict[str, str], log: Path) -> Child:
    """Starts a server in a process group of its own that dies with this process."""
    return _spawner.submit(_spawn, name, command, environment, log).result()


def _spawn(name: str, command: list[str], environment: dict[str, str], log: Path) -> Child:
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, start_new_session=True,
                                   preexec_fn=partial(die_with, os.getpid()))
    return Child(name, process, log)


def die_with(parent: int) -> None:
    """Asks the kernel, in a child between fork and exec, to kill it when its parent dies."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def wait_until(ready: Callable[[], bool], seconds: float) -> bool:
    """Asks `ready` until it says yes; False when the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        time.sleep(0.02)
    return False
