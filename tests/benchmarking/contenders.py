"""Who is measured, and what each runs for the same piece of work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .programs import HERE, Programs
from .scene import Reach, Scene

# A loop of processes takes half a minute; three runs tell as much as twenty.
RUNS_OF_A_LOOP = 3


@dataclass(frozen=True)
class Task:
    """A piece of work: a number of secrets, with a token or from a login on."""

    id: str
    title: str
    logs_in: bool
    secrets: int


@dataclass(frozen=True)
class Bench:
    """What a contender's command is made of."""

    scene: Scene
    programs: Programs
    binary: Path


Command = Callable[[Bench, Task, Reach], list[str]]


@dataclass(frozen=True)
class Contender:
    """A client and its command."""

    name: str
    command: Command
    loops: bool = False

    def runs(self, task: Task, wanted: int) -> int:
        """Returns how often it is measured."""
        return min(wanted, RUNS_OF_A_LOOP) if self.loops and task.secrets > 1 else wanted


def tasks(many: int) -> list[Task]:
    """Returns the pieces of work."""
    return [
        Task("token", "One secret with a token", False, 1),
        Task("login", "One secret from nothing: role, login, secret", True, 1),
        Task("many", f"{many} secrets with a token", False, many),
        Task("login_many", f"{many} secrets from nothing", True, many),
    ]


def contenders(task: Task) -> list[Contender]:
    """Returns who does a piece of work."""
    vaultiam = Contender("vaultiam", _vaultiam)
    hvac = Contender("hvac + boto3" if task.logs_in else "hvac", _hvac)
    if task.logs_in:
        return [vaultiam, hvac, Contender("aws + vault", _pipeline, loops=True)]
    return [vaultiam, Contender("curl", _curl), Contender("vault kv get", _vault, loops=True),
            Contender("bao kv get", _bao, loops=True), hvac]


def _vaultiam(bench: Bench, task: Task, reach: Reach) -> list[str]:
    paths = [f"{bench.scene.mount}/{path}" for path in bench.scene.paths(task.secrets)]
    form = ["-f", "value"] if task.secrets == 1 else ["-o", "json"]
    return [str(bench.binary), "get", *paths, *form]


def _curl(bench: Bench, task: Task, reach: Reach) -> list[str]:
    scene = bench.scene
    urls = [f"{reach.vault}/v1/{scene.mount}/data/{path}" for path in scene.paths(task.secrets)]
    trust = ["--cacert", scene.exports["VAULTIAM_VAULT_CA"]] if reach.tls else []
    at_once = ["--parallel", "--parallel-max", "32"] if task.secrets > 1 else []
    return ["curl", "--silent", "--show-error", "--fail", *trust, *at_once, "--header", f"@{scene.header}", *urls]


def _vault(bench: Bench, task: Task, reach: Reach) -> list[str]:
    return _kv_get("vault", bench, task)


def _bao(bench: Bench, task: Task, reach: Reach) -> list[str]:
    return _kv_get("bao", bench, task)


def _kv_get(command: str, bench: Bench, task: Task) -> list[str]:
    paths = bench.scene.paths(task.secrets)
    if task.secrets == 1:
        return [command, "kv", "get", f"-mount={bench.scene.mount}", "-field=value", *paths]
    return [str(HERE / "each.sh"), command, *paths]


def _hvac(bench: Bench, task: Task, reach: Reach) -> list[str]:
    how = "login" if task.logs_in else "token"
    return [str(bench.programs.python), str(HERE / "hvac_boto3.py"), how, *bench.scene.paths(task.secrets)]


def _pipeline(bench: Bench, task: Task, reach: Reach) -> list[str]:
    return [str(HERE / "aws_vault.sh"), *bench.scene.paths(task.secrets)]
