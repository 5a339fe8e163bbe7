"""The programs that the benchmark needs beside the test servers', and the versions of all."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
REQUIREMENTS = HERE / "requirements.txt"
RUNNER = HERE / "measure.c"


class BenchmarkError(Exception):
    """Something is missing or went wrong, in one line."""


@dataclass(frozen=True)
class Programs:
    """Python with hvac and boto3, and the runner that measures."""

    python: Path
    runner: Path


def install() -> Programs:
    """Installs what is missing into the cache and returns where it is."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vaultiam"
    key = hashlib.sha256(REQUIREMENTS.read_bytes() + RUNNER.read_bytes() + sys.version.encode()).hexdigest()[:16]
    place = home / f"benchmark-{key}"
    programs = Programs(place / "bin" / "python", place / "bin" / "measure")
    home.mkdir(parents=True, exist_ok=True)
    with (home / "benchmark.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Written last: what a killed run has left is made anew.
        if not (place / "complete").exists():
            shutil.rmtree(place, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(place)])
            _run([str(programs.python), "-m", "pip", "install", "--quiet", "--no-deps", "--requirement",
                  str(REQUIREMENTS)])
            _run(["cc", "-O2", "-o", str(programs.runner), str(RUNNER)])
            (place / "complete").touch()
    return programs


def versions(exports: dict[str, str], programs: Programs, binary: Path) -> dict[str, str]:
    """Returns what was measured, by name."""
    def first_line(*command: str) -> str:
        return _run(list(command)).splitlines()[0]

    python = str(programs.python)
    packages = "import importlib.metadata as m; print('hvac', m.version('hvac'), '+ boto3', m.version('boto3'))"
    return {
        "vaultiam": first_line(str(binary), "--version"),
        "curl": " ".join(first_line("curl", "--version").split()[:2]),
        # What stands behind is when and from what it was built.
        "vault": first_line(exports["VAULTIAM_VAULT_CLI"], "version").partition(",")[0],
        "bao": first_line(exports["VAULTIAM_BAO_CLI"], "version").partition(" (")[0],
        "hvac + boto3": f"{first_line(python, '-c', packages)}, {first_line(python, '--version')}",
        "aws": first_line(exports["VAULTIAM_AWS_CLI"], "--version").split()[0],
    }


def machine() -> dict[str, str]:
    """Returns what the figures were taken on."""
    def field(path: str, name: str) -> str:
        lines = Path(path).read_text().splitlines()
        return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")

    memory = int(field("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    system = os.uname()
    return {"processor": field("/proc/cpuinfo", "model name"), "cores": str(os.cpu_count()),
            "memory": f"{memory:.0f} GiB", "kernel": f"{system.sysname} {system.release} ({system.machine})"}


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
    except OSError as error:
        raise BenchmarkError(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        lines = done.stdout.strip().splitlines()
        raise BenchmarkError(f"{' '.join(command[:4])} failed: {lines[-1] if lines else done.returncode}")
    return done.stdout.strip()
