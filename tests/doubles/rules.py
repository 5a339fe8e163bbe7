"""Rules: what a double is told to do to the requests that match.

A rule is JSON: {"match": {field: regular expression, ...}, "skip": n, "times": n, "do": {...}}.
A request matches when every named field matches as a whole. The first `skip`
matches are left alone, then `times` of them (all, when absent) are dealt with.

`drop` and `stall` keep a request from being carried out: the connection is
cut, or nothing is said until the client hangs up. `drop_answer` and
`stall_answer` do the same once it *was* carried out: only the answer is lost.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .web import Reply


@dataclass
class Rule:
    """One instruction, and how often it may still be carried out."""

    id: str
    match: dict[str, re.Pattern[str]]
    do: dict[str, Any]
    skip: int = 0
    times: int | None = None
    hits: int = 0

    def takes(self, facts: dict[str, Any]) -> bool:
        """Says whether this rule deals with the request, and counts it."""
        if not all(pattern.fullmatch(str(facts.get(name) or "")) for name, pattern in self.match.items()):
            return False
        self.hits += 1
        nth = self.hits - self.skip
        return nth > 0 and (self.times is None or nth <= self.times)


@dataclass
class Verdict:
    """What all matching rules together say."""

    rules: list[str] = field(default_factory=list)
    delay: float = 0.0
    reword: bool = False
    drop: bool = False
    stall: bool = False
    drop_answer: bool = False
    stall_answer: bool = False
    reply: Reply | None = None

    @property
    def forwards(self) -> bool:
        """Says whether the request is carried out, unless `reply` answers it."""
        return not (self.drop or self.stall)

    @property
    def answers(self) -> bool:
        """Says whether the client is told anything."""
        return self.forwards and not (self.drop_answer or self.stall_answer)

    @property
    def keeps_silent(self) -> bool:
        """Says whether an unanswered connection stays open."""
        return self.stall or self.stall_answer


class Rules:
    """The rules of one double, in the order they were made."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._made = 0
        self._lock = threading.Lock()

    def add(self, document: dict[str, Any], known: set[str]) -> str:
        """Takes a rule; `known` are the keys its `do` may have. Returns its id."""
        do = document.get("do")
        unknown = set(document) - {"match", "skip", "times", "do"}
        if not isinstance(do, dict) or not do or unknown or set(do) - known:
            wrong = sorted(unknown) or sorted(set(do or {}) - known) or ["no do"]
            raise ValueError(f"rule not understood: {', '.join(map(str, wrong))}")
        match = {name: re.compile(str(pattern)) for name, pattern in dict(document.get("match") or {}).items()}
        times = document.get("times")
        with self._lock:
            self._made += 1
            rule = Rule(id=f"r{self._made}", match=match, do=do, skip=int(document.get("skip") or 0),
                        times=None if times is None else int(times))
            self._rules[rule.id] = rule
            return rule.id

    def remove(self, rule_id: str | None = None) -> int:
        """Removes one rule, or all; returns how many there were."""
        with self._lock:
            gone = [rule_id] if rule_id in self._rules else [] if rule_id else list(self._rules)
            for name in gone:
                del self._rules[name]
            return len(gone)

    def list(self) -> list[dict[str, Any]]:
        """Returns the rules with their counts."""
        with self._lock:
            return [{"id": rule.id, "match": {name: pattern.pattern for name, pattern in rule.match.items()},
                     "do": rule.do, "hits": rule.hits} for rule in self._rules.values()]

    def judge(self, facts: dict[str, Any], make_reply: Callable[[dict[str, Any]], Reply | None]) -> Verdict:
        """Returns what to do; `make_reply` turns a `do` into an answer, or None."""
        verdict = Verdict()
        with self._lock:
            taken = [rule for rule in self._rules.values() if rule.takes(facts)]
        for rule in taken:
            verdict.rules.append(rule.id)
            verdict.delay += float(rule.do.get("delay_ms") or 0) / 1000
            verdict.reword |= bool(rule.do.get("reword"))
            verdict.drop |= bool(rule.do.get("drop"))
            verdict.stall |= bool(rule.do.get("stall"))
            verdict.drop_answer |= bool(rule.do.get("drop_answer"))
            verdict.stall_answer |= bool(rule.do.get("stall_answer"))
            verdict.reply = verdict.reply or make_reply(rule.do)
        return verdict
