"""The command line of `tests/benchmark`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from .contenders import Bench, contenders, tasks
from .measure import Measured, count, measure, run_command
from .page import DELAY_MS, PAGE, Results, rewrite
from .programs import PROJECT, BenchmarkError, install, machine, versions
from .scene import Reach, Scene

STARTS = 100


def main(arguments: list[str]) -> int:
    """Runs the benchmark; a failure is one line on stderr and exit code 1."""
    parser = argparse.ArgumentParser(prog="tests/benchmark", description="Measures vaultiam beside curl, vault, bao, "
                                     "hvac + boto3 and aws + vault on the test servers, and writes the figures into "
                                     f"{PAGE.relative_to(PROJECT)}.")
    parser.add_argument("--runs", type=int, default=20, metavar="N", help="runs of each command (default: 20)")
    parser.add_argument("--secrets", type=int, default=100, metavar="N", help="how many are many (default: 100)")
    parser.add_argument("--binary", type=Path, default=PROJECT / "target/release/vaultiam", metavar="FILE",
                        help="the program (default: the release build)")
    parser.add_argument("--json", action="store_true", help="print the figures, and leave the page alone")
    parser.add_argument("--install", action="store_true", help="only put what is needed into the cache")
    options = parser.parse_args(arguments)
    try:
        programs = install()
        if options.install:
            return 0
        if not options.binary.is_file():
            raise BenchmarkError(f"{options.binary} is not there: cargo build --release --locked")
        with Scene(options.secrets) as scene:
            results = _run(Bench(scene, programs, options.binary.resolve()), options.runs, options.secrets)
        if options.json:
            print(json.dumps(_document(results), indent=2))
        else:
            rewrite(results)
            _say(f"written into {PAGE.relative_to(PROJECT)}")
        return 0
    except BenchmarkError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(bench: Bench, runs: int, many: int) -> Results:
    results = Results(machine=machine(), versions=versions(bench.scene.exports, bench.programs, bench.binary),
                      binary_mb=bench.binary.stat().st_size / 1e6, runs=runs, tasks=tasks(many))
    for task in results.tasks:
        for contender in contenders(task):
            # It also warms up what the first run would have to read from the disk.
            results.requests[task.id, contender.name] = count(bench, contender, task)
    for delay in (0, DELAY_MS):
        reach = Reach(bench.scene, delay)
        for task in results.tasks:
            _say(f"{task.title}, {delay} ms away")
            results.measured[task.id, delay] = measure(bench, task, reach, runs)
    _say("over plain http, and starts")
    plain = Reach(bench.scene, tls=False)
    results.plain = measure(bench, results.tasks[0], plain, runs, of=("vaultiam", "curl"))
    starts = {"vaultiam --help": [str(bench.binary), "--help"], "curl --version": ["curl", "--version"],
              "vault version": ["vault", "version"], "bao version": ["bao", "version"],
              "aws --version": ["aws", "--version"]}
    environment = bench.scene.environment(plain, logs_in=True)
    for name, command in starts.items():
        often = min(runs, STARTS) if name.startswith(("vault ", "bao", "aws")) else max(runs, 1) * 5
        done = [run_command(bench, command, environment)[0] for _ in range(often)]
        results.starts.append(Measured(name, done))
    return results


def _document(results: Results) -> dict[str, Any]:
    """Returns the figures for a program."""
    def figures(measured: Measured) -> dict[str, Any]:
        return {"contender": measured.contender, "runs": len(measured.runs), "wall_ms": measured.wall,
                "wall_p90_ms": measured.wall_p90, "cpu_ms": measured.cpu, "peak_mib": measured.peak}

    return {
        "machine": results.machine, "versions": results.versions, "binary_mb": results.binary_mb,
        "requests": [{"task": task, "contender": name, **counted}
                     for (task, name), counted in results.requests.items()],
        "measured": [{"task": task, "round_trip_ms": delay, **figures(one)}
                     for (task, delay), all_of_it in results.measured.items() for one in all_of_it],
        "plain": [figures(one) for one in results.plain], "starts": [figures(one) for one in results.starts],
        "goals": [goal.__dict__ for goal in results.goals()],
    }


def _say(text: str) -> None:
    print(f"benchmark: {text}", file=sys.stderr, flush=True)
