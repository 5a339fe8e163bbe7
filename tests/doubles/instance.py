"""`up`, `down` and `status`: an instance as seen from outside, through its state directory."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .errors import ServersError
from .paths import HERE, Tools, cache_root, find_tools
from .processes import Identity, wait_until
from .web import address_of

PREFIX = "vaultiam-servers-"
START_SECONDS = 90

# Unix sockets of Vault's plugins lie below the state directory, and their
# paths must stay under 108 bytes.
LONGEST_TEMPORARY_DIRECTORY = 40


def up(owner: Identity) -> dict[str, str]:
    """Starts an instance for `owner` and returns its exports."""
    tools = find_tools()
    if tools.missing():
        raise ServersError(f"not installed: {' and '.join(tools.missing())}; run tests/servers install")
    sweep()
    state = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_temporary_directory()))
    supervisor = _start_supervisor(state, owner, tools)
    try:
        return _wait_for_exports(state, supervisor)
    except BaseException:
        supervisor.terminate()
        supervisor.wait()
        shutil.rmtree(state, ignore_errors=True)
        raise


def down(state: Path) -> None:
    """Ends an instance and removes what it left."""
    supervisor = find_supervisor(state)
    if supervisor and supervisor.signal(signal.SIGTERM) and not wait_until(lambda: not supervisor.alive(), 15):
        supervisor.signal(signal.SIGKILL)
    if state.exists():
        shutil.rmtree(state, ignore_errors=True)


def named_state(argument: str | None) -> Path:
    """Returns the state directory somebody means: the argument, else $VAULTIAM_SERVERS."""
    name = argument or os.environ.get("VAULTIAM_SERVERS")
    if not name:
        raise ServersError("which servers? VAULTIAM_SERVERS is not set; eval \"$(tests/servers up)\" sets it")
    state = Path(name)
    if not state.name.startswith(PREFIX):
        raise ServersError(f"not a state directory of the test servers: {state}")
    return state


def read_exports(state: Path) -> dict[str, str]:
    """Returns the exports of a running instance."""
    supervisor = find_supervisor(state)
    if supervisor is None or not supervisor.alive() or not (state / "exports.json").exists():
        raise ServersError(f"no servers are running in {state}")
    return json.loads((state / "exports.json").read_text())


def find_supervisor(state: Path) -> Identity | None:
    """Returns the supervisor that wrote a state directory."""
    try:
        written = json.loads((state / "supervisor.json").read_text())
    except (OSError, ValueError):
        return None
    return Identity(written["pid"], written["started"])


def instances() -> list[Path]:
    """Returns the state directories there are, running or not."""
    with os.scandir(_temporary_directory()) as entries:
        mine = [entry.path for entry in entries
                if entry.name.startswith(PREFIX) and entry.is_dir() and os.access(entry.path, os.W_OK)]
    return [Path(path) for path in sorted(mine)]


def sweep() -> None:
    """Removes what instances left whose supervisor was killed."""
    for state in instances():
        supervisor = find_supervisor(state)
        if not (supervisor.alive() if supervisor else _is_young(state)):
            shutil.rmtree(state, ignore_errors=True)


def ask_control(exports: dict[str, str], method: str, path: str, document: object | None = None) -> Any:
    """Calls the control API of an instance."""
    control = exports["VAULTIAM_CONTROL"]
    connection = http.client.HTTPConnection(*address_of(control), timeout=60)
    try:
        body = None if document is None else json.dumps(document)
        connection.request(method, f"{urlsplit(control).path}/{path}", body)
        answer = connection.getresponse()
        told = json.loads(answer.read())
    finally:
        connection.close()
    if answer.status != 200:
        raise ServersError(f"the test servers refused {method} {path}: {told['error']}")
    return told


def _wait_for_exports(state: Path, supervisor: subprocess.Popen[bytes]) -> dict[str, str]:
    ready, failed = state / "exports.json", state / "failed"
    wait_until(lambda: ready.exists() or supervisor.poll() is not None, START_SECONDS)
    if ready.exists():
        return json.loads(ready.read_text())
    reason = failed.read_text() if failed.exists() else _last_line(state / "supervisor.log")
    raise ServersError(f"the servers did not come up: {reason}")


def _start_supervisor(state: Path, owner: Identity, tools: Tools) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.defpath, "PYTHONPATH": str(HERE.parent), "PYTHONUNBUFFERED": "1",
                   "PYTHONPYCACHEPREFIX": str(cache_root() / "pycache")}
    command = [str(tools.python), "-m", "doubles.supervisor", str(state), str(owner.pid), str(owner.started),
               str(tools.venv), str(tools.vault_home), str(tools.openbao_home)]
    with (state / "supervisor.log").open("ab") as log:
        return subprocess.Popen(command, cwd=state, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                start_new_session=True)


def _temporary_directory() -> str:
    directory = tempfile.gettempdir()
    return directory if len(directory) <= LONGEST_TEMPORARY_DIRECTORY else "/tmp"


def _is_young(state: Path) -> bool:
    """Says whether an `up` may still be at work on a directory."""
    try:
        return time.time() - state.stat().st_mtime < START_SECONDS
    except FileNotFoundError:
        return True


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines() if path.exists() else []
    return lines[-1] if lines else "no reason was given"
