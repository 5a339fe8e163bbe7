"""The page of figures: what was measured stands between two marks, what was written by hand around them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from .contenders import RUNS_OF_A_LOOP, Task
from .measure import Measured
from .programs import PROJECT, BenchmarkError

PAGE = PROJECT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures of tests/benchmark -->\n", "<!-- end of figures -->\n"
DELAY_MS = 20


@dataclass(frozen=True)
class Goal:
    """What was wanted, what it came to, and whether that is enough."""

    wanted: str
    reached: str
    met: bool


@dataclass
class Results:
    """Everything that one run of the benchmark found."""

    machine: dict[str, str]
    versions: dict[str, str]
    binary_mb: float
    runs: int
    tasks: list[Task]
    requests: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=dict)
    measured: dict[tuple[str, int], list[Measured]] = field(default_factory=dict)
    plain: list[Measured] = field(default_factory=list)
    starts: list[Measured] = field(default_factory=list)

    def of(self, task: str, delay: int, contender: str) -> Measured:
        """Returns one contender's runs."""
        return next(one for one in self.measured[task, delay] if one.contender == contender)

    def goals(self) -> list[Goal]:
        """Returns the goals of the project with what was reached."""
        own, curl = self.of("token", 0, "vaultiam"), self.of("token", 0, "curl")
        far, far_curl = self.of("token", DELAY_MS, "vaultiam"), self.of("token", DELAY_MS, "curl")
        cold = self.of("login", 0, "vaultiam")
        python, pipeline = self.of("login", 0, "hvac + boto3"), self.of("login", 0, "aws + vault")
        many = self.of("many", DELAY_MS, "vaultiam")
        help_text = next(one for one in self.starts if one.contender == "vaultiam --help")

        def at_most(what: str, value: float, limit: float, unit: str) -> Goal:
            return Goal(f"{what}: at most {limit:g} {unit}", f"{value:.3g} {unit}", value <= limit)

        def at_least(what: str, value: float, limit: float) -> Goal:
            return Goal(f"{what}: at least {limit:g} times as fast", f"{value:.1f} times", value >= limit)

        return [
            at_most("one secret with a token, 0 ms", own.wall / curl.wall, 1.3, "times curl"),
            at_most(f"one secret with a token, {DELAY_MS} ms", far.wall / far_curl.wall, 1.3, "times curl"),
            at_most("its memory", own.peak, 20, "MiB"),
            at_least("from nothing, beside hvac + boto3, 0 ms", python.wall / cold.wall, 8),
            at_least("from nothing, beside aws + vault, 0 ms", pipeline.wall / cold.wall, 15),
            at_most(f"many secrets, {DELAY_MS} ms", many.wall / far.wall, 3, "times one secret"),
            at_most("the program", self.binary_mb, 12, "MB"),
            at_most("`--help`", help_text.wall, 3, "ms"),
        ]


def rewrite(results: Results) -> None:
    """Puts the figures into the page."""
    text = PAGE.read_text()
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise BenchmarkError(f"{PAGE.name} has lost its marks: {BEGIN.strip()} and {END.strip()}")
    PAGE.write_text(f"{before}{BEGIN}\n{render(results)}\n{END}{after}")


def render(results: Results) -> str:
    """Returns the figures as Markdown."""
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    where = results.machine
    parts = [
        f"Taken on {today} on a machine with {where['cores']} cores ({where['processor']}), {where['memory']} of memory, "
        f"{where['kernel']}: {results.runs} runs of each command, {RUNS_OF_A_LOOP} of loops over many secrets.",
        "### Goals", _table(["goal", "reached", ""], [
            [goal.wanted, goal.reached, "met" if goal.met else "**missed**"] for goal in results.goals()]),
    ]
    for task in results.tasks:
        parts.append(f"### {task.title}")
        for delay in (0, DELAY_MS):
            own = results.of(task.id, delay, "vaultiam")
            parts += [f"Vault and AWS {delay} ms away:", _table(
                ["", "wall, median", "90 of 100 within", "beside vaultiam", "CPU", "peak memory", "requests: AWS, Vault"],
                [_row(results, task, one, own) for one in results.measured[task.id, delay]])]
    parts += [
        "### Over plain http", "One secret with a token, 0 ms away, without TLS:",
        _table(["", "wall, median", "90 of 100 within", "CPU", "peak memory"],
               [[one.contender, *_figures(one)] for one in results.plain]),
        "### Starting", _table(["", "wall, median", "90 of 100 within", "CPU", "peak memory"],
                               [[f"`{one.contender}`", *_figures(one)] for one in results.starts]),
        f"The program of vaultiam is one file of {results.binary_mb:.1f} MB.",
        "### Versions", _table(["", ""], [[name, version] for name, version in results.versions.items()]),
    ]
    return "\n\n".join(parts) + "\n"


def _row(results: Results, task: Task, one: Measured, own: Measured) -> list[str]:
    wall, p90, cpu, peak = _figures(one)
    asked = results.requests[task.id, one.contender]
    return [one.contender, wall, p90, _times(one.wall / own.wall) if one is not own else "", cpu, peak,
            f"{len(asked['aws'])}, {len(asked['vault'])}"]


def _figures(one: Measured) -> list[str]:
    return [_milliseconds(one.wall), _milliseconds(one.wall_p90), _milliseconds(one.cpu), f"{one.peak:.1f} MiB"]


def _times(ratio: float) -> str:
    """Returns a ratio with two digits that count: 1.8, 17, 220."""
    return f"× {float(f'{ratio:.2g}'):g}"


def _milliseconds(value: float) -> str:
    return f"{value / 1000:.1f} s" if value >= 10_000 else f"{value:.0f} ms" if value >= 100 else f"{value:.1f} ms"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] + ["---:" if len(head) > 3 else "---"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
