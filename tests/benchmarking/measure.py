"""Running a command and what it took."""

from __future__ import annotations

import math
import statistics
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .contenders import Bench, Contender, Task, contenders
from .programs import BenchmarkError
from .scene import Counted, Reach


@dataclass(frozen=True)
class Run:
    """What one run took."""

    wall_ms: float
    cpu_ms: float
    peak_mib: float


@dataclass(frozen=True)
class Measured:
    """All runs of one contender at one piece of work."""

    contender: str
    runs: list[Run]

    @property
    def wall(self) -> float:
        """The median of the wall clock, in milliseconds."""
        return statistics.median(run.wall_ms for run in self.runs)

    @property
    def wall_p90(self) -> float:
        """What nine of ten runs did not exceed."""
        walls = sorted(run.wall_ms for run in self.runs)
        return walls[math.ceil(len(walls) * 0.9) - 1]

    @property
    def cpu(self) -> float:
        """The median of user and system time together, children included."""
        return statistics.median(run.cpu_ms for run in self.runs)

    @property
    def peak(self) -> float:
        """The most memory that any process of any run held, in MiB."""
        return max(run.peak_mib for run in self.runs)


def measure(bench: Bench, task: Task, reach: Reach, runs: int, of: Iterable[str] | None = None) -> list[Measured]:
    """Measures all contenders in turn, round after round, so that a disturbance meets them all."""
    everyone = [contender for contender in contenders(task) if of is None or contender.name in of]
    seen: dict[str, list[Run]] = {contender.name: [] for contender in everyone}
    for round_number in range(runs):
        # Nobody always runs behind the same neighbour.
        first = round_number % len(everyone)
        for contender in everyone[first:] + everyone[:first]:
            if len(seen[contender.name]) < contender.runs(task, runs):
                seen[contender.name].append(run_once(bench, contender, task, reach))
    return [Measured(name, done) for name, done in seen.items()]


def count(bench: Bench, contender: Contender, task: Task) -> dict[str, list[str]]:
    """Returns the requests that one run makes."""
    reach = Counted(bench.scene)
    try:
        run_once(bench, contender, task, reach)
        return reach.requests()
    finally:
        reach.close()


def run_once(bench: Bench, contender: Contender, task: Task, reach: Reach) -> Run:
    """Runs a contender's command, which must print every secret."""
    environment = bench.scene.environment(reach, task.logs_in)
    run, printed = run_command(bench, contender.command(bench, task, reach), environment)
    missing = [path for path in bench.scene.paths(task.secrets) if bench.scene.values[path] not in printed]
    if missing:
        raise BenchmarkError(f"{contender.name} did not print {len(missing)} of {task.secrets} secrets")
    return run


def run_command(bench: Bench, command: list[str], environment: dict[str, str]) -> tuple[Run, str]:
    """Runs a command; returns what it took and what it printed."""
    with tempfile.TemporaryDirectory() as directory:
        taken = Path(directory) / "taken"
        with (Path(directory) / "printed").open("w+b") as output, (Path(directory) / "said").open("w+b") as errors:
            subprocess.run([str(bench.programs.runner), str(taken), *command], env=environment,
                           stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=directory, check=True)
            output.seek(0)
            errors.seek(0)
            printed, said = output.read().decode("utf-8", "replace"), errors.read().decode("utf-8", "replace")
        wall, user, system, peak, status = (int(number) for number in taken.read_text().split())
    if status != 0:
        raise BenchmarkError(f"{Path(command[0]).name} ended with {status}: {said.strip()[:300]}")
    return Run(wall / 1e6, (user + system) / 1e3, peak / 1024), printed
