"""A relay in front of Vault: passes everything on, keeps a log, and does what rules tell it.

For what Vault itself does not do on request: to be slow, to stall in the
middle of a read, to lose an answer, to say things in other words.
"""

from __future__ import annotations

import ssl
import time
from typing import Any

from .access_log import AccessLog
from .reword import reword_vault
from .rules import Rules
from .web import Handler, Reply, Server, address_of, forward

# What a rule of a relay may `do`.
DOES = {"reply", "delay_ms", "stall", "stall_answer", "drop", "drop_answer", "reword"}


class Relay:
    """A relay, listening."""

    def __init__(self, target: str, tls: ssl.SSLContext | None) -> None:
        if not target.startswith("http://"):
            raise ValueError("a relay's target is a plain http address")
        self.target = address_of(target)
        self.rules = Rules()
        self.log = AccessLog()
        self.server = Server(type("RelayHandler", (_RelayHandler,), {"relay": self}), tls)


class _RelayHandler(Handler):
    relay: Relay

    def setup(self) -> None:
        super().setup()
        self.relay.log.add({"event": "open", "client": self._client()})

    def answer(self, body: bytes) -> Reply | None:
        started = time.monotonic()
        path = self.path.partition("?")[0]
        facts = {"method": self.command, "path": path, "namespace": self.headers.get("X-Vault-Namespace")}
        verdict = self.relay.rules.judge(facts, _told)
        if verdict.delay:
            time.sleep(verdict.delay)
        reply = None
        if verdict.forwards:
            headers = self.end_to_end_headers()
            reply = verdict.reply or forward(self.relay.target, self.command, self.path, headers, body)
            if verdict.reword:
                reply.body = reword_vault(reply.body)
        self.relay.log.add({
            "event": "request", **facts, "query": self.path.partition("?")[2], "client": self._client(),
            "opened": self.opened, "token": "X-Vault-Token" in self.headers, "status": reply.status if reply else None,
            "rules": verdict.rules, "answered": verdict.answers,
            "millis": round((time.monotonic() - started) * 1000, 1),
            "user_agent": self.headers.get("User-Agent"),
        })
        if verdict.keeps_silent:
            self.wait_for_hang_up()
        return reply if verdict.answers else None

    def _client(self) -> str:
        return f"{self.client_address[0]}:{self.client_address[1]}"


def _told(do: dict[str, Any]) -> Reply | None:
    if "reply" not in do:
        return None
    wanted = do["reply"]
    return Reply(int(wanted["status"]), str(wanted.get("body", "")).encode(),
                 list(dict(wanted.get("headers", {})).items()))
