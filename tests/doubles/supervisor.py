"""The process that is an instance: it holds the doubles, owns the servers, and ends them all.

It lives as long as its owner does. When it goes, in whatever way, so do they.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from .assembly import assemble
from .errors import ServersError
from .paths import Tools
from .processes import Child, Identity, start_time


def main(arguments: list[str]) -> int:
    """Runs an instance: STATE-DIRECTORY OWNER-PID OWNER-START VENV VAULT-HOME OPENBAO-HOME."""
    state, owner = Path(arguments[0]), Identity(int(arguments[1]), int(arguments[2]))
    tools = Tools(Path(arguments[3]), Path(arguments[4]), Path(arguments[5]))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    myself = {"pid": os.getpid(), "started": start_time(os.getpid())}
    _write_whole(state / "supervisor.json", json.dumps(myself))
    children: list[Child] = []
    try:
        _write_whole(state / "exports.json", json.dumps(assemble(state, tools, children), indent=2))
        dead: set[str] = set()
        while owner.alive() and not stop.wait(0.5):
            _report_dead(children, dead)
    except ServersError as error:
        _write_whole(state / "failed", str(error))
        return 1
    finally:
        for child in reversed(children):
            child.stop()
    shutil.rmtree(state, ignore_errors=True)
    return 0


def _report_dead(children: list[Child], known: set[str]) -> None:
    """Says in the log when a server ended that should still run."""
    for child in children:
        if not child.stopped and not child.running() and child.name not in known:
            known.add(child.name)
            print(f"{child.name} ended by itself: {child.last_words()}", flush=True)


def _write_whole(path: Path, text: str) -> None:
    """Writes a file so that a reader sees all of it or nothing."""
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.rename(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
