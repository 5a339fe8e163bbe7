"""`tests/servers install`: everything the servers need, pinned, into the cache.

Idempotent; two at once wait for each other; one that was killed leaves nothing
that a later one would take for finished.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from .errors import ServersError
from .paths import (
    DECK_MODULE,
    OPENBAO_MODULE,
    REQUIREMENTS,
    REPORTS,
    SIMULATOR,
    VAULT_MODULE,
    Tools,
    cache_root,
    find_deck,
    find_report_readers,
    find_sarif_validator,
    find_simulator,
    find_tools,
)
from .processes import die_with

VAULT = "github.com/hashicorp/vault"
AWS_PLUGIN = "github.com/hashicorp/vault/builtin/credential/aws/cmd/aws"
DECK = "github.com/kong/deck"
BUILDING = "building-"

# Lua and the libraries with which Kong reads kong.conf and references.
LUA_PACKAGES = ["luajit", "lua-penlight", "lua-socket"]
LUA_CHECK = ["luajit", "-e", "require 'pl.config'; require 'socket.url'"]


def install() -> Tools:
    """Installs what is missing and returns where everything is."""
    tools = find_tools()
    with _alone():
        if not tools.venv_done.exists():
            with _stage("Python packages (ministack, aws, botocore, OpenBao, trustme)"):
                _build_venv(tools)
        if not tools.vault.exists():
            with _stage("HashiCorp Vault and its aws plugin (5 to 10 minutes on two cores with an empty Go cache)"):
                _build_vault(tools)
        if not tools.openbao_plugin.exists():
            with _stage("OpenBao's aws plugin (about 2 minutes on two cores with an empty Go cache)"):
                _build_openbao_plugin(tools)
        _install_commands()
    _say(f"installed in {cache_root()}")
    return tools


def install_readers() -> None:
    """Installs what reads Kong's files and reports and judges policies in the tests; the servers do without."""
    with _alone():
        if not find_simulator().exists():
            with _stage("the policy simulator"):
                _install_simulator()
        if not find_report_readers().exists():
            with _stage("the readers of reports (SARIF, JUnit, Prometheus)"):
                _install_report_readers()
        if not find_deck().exists():
            with _stage("decK, which reads Kong's files (6 to 10 minutes on two cores with an empty Go cache)"):
                _build_deck()
        _install_lua()


@contextmanager
def _alone() -> Iterator[None]:
    """Keeps other installs out, and clears away what one that was killed left."""
    root = cache_root()
    root.mkdir(parents=True, exist_ok=True)
    with _lock(root / "install.lock"):
        for unfinished in root.glob(f"{BUILDING}*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        yield


def _build_venv(tools: Tools) -> None:
    if tools.venv.exists():
        shutil.rmtree(tools.venv)
    _run([sys.executable, "-m", "venv", str(tools.venv)],
         "python3 cannot make a virtual environment (Debian: apt-get install python3-venv)")
    _run([str(tools.python), "-m", "pip", "install", "--quiet", "--no-deps", "--requirement", str(REQUIREMENTS)],
         "pip could not install the pinned packages (is PyPI reachable?)")
    tools.venv_done.touch()


def _build_vault(tools: Tools) -> None:
    why = "go could not build HashiCorp Vault (is the Go module proxy reachable?)"
    with _built_aside(tools.vault_home) as (go, building):
        _go_build(go, VAULT_MODULE, building / tools.vault.name, VAULT, ["-tags", "minimal"], why)
        plugin = building / tools.vault_plugin.relative_to(tools.vault_home)
        _go_build(go, VAULT_MODULE, plugin, AWS_PLUGIN, [], why)


def _build_openbao_plugin(tools: Tools) -> None:
    why = "go could not build OpenBao's aws plugin (is the Go module proxy reachable?)"
    with _built_aside(tools.openbao_home) as (go, building):
        _go_build(go, OPENBAO_MODULE, building / tools.openbao_plugin.name, AWS_PLUGIN, [], why)


def _build_deck() -> None:
    why = "go could not build decK (is the Go module proxy reachable, and are 2.5 GB of memory free?)"
    deck = find_deck()
    with _built_aside(deck.parent) as (go, building):
        _go_build(go, DECK_MODULE, building / deck.name, DECK, [], why)


def _install_simulator() -> None:
    with _made_aside(find_simulator()) as building:
        _install_from_npm(SIMULATOR, building, "the policy simulator")


def _install_report_readers() -> None:
    with _made_aside(find_report_readers()) as building:
        _install_from_npm(REPORTS, building, "the validator of SARIF")
        validator = building / find_sarif_validator().relative_to(find_report_readers())
        validator.chmod(0o755)
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(building / "python"),
              "--requirement", str(REPORTS / "requirements.txt")],
             "pip could not install the readers of reports (is PyPI reachable?)")


def _install_from_npm(pins: Path, building: Path, what: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise ServersError("npm is not on PATH: install Node.js 20 or newer to run what the tests compare with")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(pins / name, building / name)
    _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
         f"npm could not install {what} (is the npm registry reachable?)", cwd=building)


@contextmanager
def _built_aside(home: Path) -> Iterator[tuple[str, Path]]:
    """Gives the go command and a directory to build into, which becomes `home` once all of it is there."""
    go = shutil.which("go")
    if go is None:
        raise ServersError("go is not on PATH: install Go 1.26 or newer to build what the tests run against")
    with _made_aside(home) as building:
        yield go, building


@contextmanager
def _made_aside(home: Path) -> Iterator[Path]:
    """Gives a directory to fill, which becomes `home` once all of it is there."""
    building = Path(tempfile.mkdtemp(prefix=BUILDING, dir=cache_root()))
    try:
        yield building
        if home.exists():
            shutil.rmtree(home)
        building.chmod(0o755)
        building.rename(home)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _go_build(go: str, module: Path, output: Path, package: str, flags: list[str], why: str) -> None:
    _run([go, "build", *flags, "-ldflags", "-s -w", "-o", str(output), package], why, cwd=module)


# What the tests run the product under, by and beside; the servers themselves need none of it.
# Each is a Debian package of the same name.
COMMANDS = ("faketime", "zsh", "fish", "mandoc")


def _install_commands() -> None:
    missing = [name for name in COMMANDS if not shutil.which(name)]
    if missing:
        _install_from_debian(missing, f"not on PATH: {' '.join(missing)}")


def _install_lua() -> None:
    missing = "LuaJIT, Penlight or LuaSocket is missing"
    try:
        _run(LUA_CHECK, missing)
    except ServersError:
        _install_from_debian(LUA_PACKAGES, missing)
        _run(LUA_CHECK, "LuaJIT does not find Penlight and LuaSocket")


def _install_from_debian(packages: list[str], missing: str) -> None:
    names = " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ServersError(f"{missing}: install it (Debian: apt-get install {names})")
    with _stage(names):
        why = f"apt-get could not install {names}: install it by hand"
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
        try:
            _run(command, why, env=environment)
        except ServersError:
            _run(["apt-get", "update", "--quiet"], why, env=environment)
            _run(command, why, env=environment)


def _run(command: list[str], why: str, **options: Any) -> None:
    """Runs a command silently; if it fails, its last line explains `why`."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False,
                              preexec_fn=partial(die_with, os.getpid()), **options)
    except OSError as error:
        raise ServersError(f"{why}: {command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        lines = done.stdout.strip().splitlines()
        raise ServersError(f"{why}: {lines[-1] if lines else f'exit code {done.returncode}'}")


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another install is running: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _stage(name: str) -> Iterator[None]:
    _say(f"{name} ...")
    start = time.monotonic()
    yield
    _say(f"{name}: {time.monotonic() - start:.0f} s")


def _say(text: str) -> None:
    print(f"servers: {text}", file=sys.stderr, flush=True)
