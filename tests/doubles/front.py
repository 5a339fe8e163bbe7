"""The AWS front: the proxy through which everyone under test reaches AWS.

It ends TLS for AWS's hosts with certificates of the test CA, refuses a wrong
region or service in the credential scope as AWS does (ministack takes any),
keeps an access log, does what rules tell it, and passes the rest to ministack
with the Host header kept. Nothing ever leaves the machine: any other host than
AWS's and loopback is refused.
"""

from __future__ import annotations

import ipaddress
import re
import select
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import aws_answers, aws_hosts
from .access_log import AccessLog
from .aws_root import Root
from .pki import Pki
from .reword import reword_aws
from .rules import Rules, Verdict
from .sso import BEARER, HOSTS, Sso
from .web import LOOPBACK, Handler, Reply, Server, address_of, forward

# What a rule of the front may `do`.
DOES = {"answer", "error", "html", "reply", "delay_ms", "stall", "stall_answer", "drop", "drop_answer",
        "reword"}


class Front:
    """The proxy, listening."""

    def __init__(self, pki: Pki, ministack: int, root: Root, log: Path) -> None:
        self.pki = pki
        self.ministack = ministack
        self.rules = Rules()
        self.log = AccessLog(log)
        self.sso = Sso(root)
        self._root = root
        self._accounts: dict[str, str] = {}
        self.server = Server(type("FrontHandler", (_FrontHandler,), {"front": self}))

    def account_of(self, access_key: str) -> str:
        """Returns the account of an access key, or nothing."""
        if access_key and access_key not in self._accounts:
            account = self._root.account_of(access_key)
            if account is None:
                return ""
            self._accounts[access_key] = account
        return self._accounts.get(access_key, "")


class _FrontHandler(Handler):
    front: Front
    host = ""
    endpoint: aws_hosts.Endpoint | None = None

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        host = host.strip("[]").lower()
        if aws_hosts.is_aws(host):
            self.endpoint = aws_hosts.resolve(host)
            if self.endpoint is None:
                self._say(_plain(502, f"no such host: {host}"))
                return
            self.host = host
            self._start_tls(host)
        elif _is_loopback(host):
            self._tunnel(host, int(port))
        else:
            self._say(_plain(403, f"not an AWS host, and nothing leaves this machine: {host}"))

    def _say(self, reply: Reply) -> None:
        """Answers as the proxy itself and logs it."""
        self._log_proxied(reply.status)
        self.send_reply(reply)

    def _log_proxied(self, status: int) -> None:
        self.front.log.add({"host": "", "method": self.command, "path": self.path.partition("?")[0],
                            "client": self._client(), "opened": self.opened, "status": status})

    def _client(self) -> str:
        return f"{self.client_address[0]}:{self.client_address[1]}"

    def _start_tls(self, host: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.connection = self.front.pki.server_context(host).wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def finish(self) -> None:
        """Closes the TLS connection too, which the server knows nothing of."""
        super().finish()
        if self.endpoint:
            self.connection.close()

    def _tunnel(self, host: str, port: int) -> None:
        try:
            upstream = socket.create_connection((host, port), timeout=10)
        except OSError as error:
            self._say(_plain(502, f"{host}:{port}: {error.strerror}"))
            return
        self._log_proxied(200)
        self.close_connection = True
        upstream.settimeout(None)
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with upstream:
            pair = {self.connection: upstream, upstream: self.connection}
            while True:
                for source in select.select(list(pair), [], [])[0]:
                    piece = source.recv(65536)
                    if not piece:
                        return
                    pair[source].sendall(piece)

    def answer(self, body: bytes) -> Reply | None:
        if self.endpoint is None:
            proxied = self._forward_plain(body)
            self._log_proxied(proxied.status)
            return proxied
        return self._answer_as_aws(self.endpoint, body)

    def _answer_as_aws(self, endpoint: aws_hosts.Endpoint, body: bytes) -> Reply | None:
        started = time.monotonic()
        facts = self._facts(body)
        verdict = self.front.rules.judge(facts, lambda do: _told(do, endpoint.service, facts))
        if verdict.delay:
            time.sleep(verdict.delay)
        reply = None
        if verdict.forwards:
            reply = verdict.reply or _refuse_scope(endpoint, facts) or self._carry_out(endpoint, body)
            if verdict.reword:
                reply.body = reword_aws(reply.body)
        self._log(facts, reply, verdict, started)
        if verdict.keeps_silent:
            self.wait_for_hang_up()
        return reply if verdict.answers else None

    def _facts(self, body: bytes) -> dict[str, Any]:
        """Returns what is known of a request and is no secret."""
        path, _, query = self.path.partition("?")
        form = {**parse_qs(query), **parse_qs(body.decode("utf-8", "replace"))}
        one = {name: values[0] for name, values in form.items()}
        authorization = self.headers.get("Authorization", "")
        credential = re.search(r"Credential=([^,\s]+)", authorization)
        scope = (credential[1] if credential else one.get("X-Amz-Credential", "")).split("/")
        access_key, region, service = (scope[0], scope[2], scope[3]) if len(scope) == 5 else ("", "", "")
        return {
            "host": self.host, "method": self.command, "path": path, "action": one.get("Action", ""),
            "access_key": access_key, "account": self.front.account_of(access_key), "region": region,
            "service": service, "signed": self.headers.get("X-Amz-Date") or one.get("X-Amz-Date", ""),
            "role_arn": one.get("RoleArn"), "session_name": one.get("RoleSessionName"),
            "duration": one.get("DurationSeconds"), "role_name": one.get("RoleName"),
            "profile_name": one.get("InstanceProfileName"), "policy_name": one.get("PolicyName"),
            "policy": "Policy" in one,
            "principal": _principal(one), "user_agent": self.headers.get("User-Agent"),
        }

    def _carry_out(self, endpoint: aws_hosts.Endpoint, body: bytes) -> Reply:
        if endpoint.service in HOSTS:
            return self.front.sso.answer(endpoint.service, self.path, self.headers.get(BEARER, ""), body)
        return self._ask_ministack(body)

    def _ask_ministack(self, body: bytes) -> Reply:
        reply = forward((LOOPBACK, self.front.ministack), self.command, self.path, self.end_to_end_headers(), body)
        found = re.search(rb"<RequestId>(.*?)</RequestId>", reply.body)
        request_id = found[1].decode() if found else reply.header("x-amzn-requestid")
        reply.headers = [("x-amzn-RequestId", request_id), ("Content-Type", reply.header("Content-Type"))]
        return reply

    def _log(self, facts: dict[str, Any], reply: Reply | None, verdict: Verdict, started: float) -> None:
        code = re.search(rb"<Code>(.*?)</Code>", reply.body) if reply else None
        self.front.log.add({
            **{name: value for name, value in facts.items() if name not in ("principal", "signed")},
            "client": self._client(), "opened": self.opened,
            "status": reply.status if reply else None, "code": code[1].decode() if code else None,
            "request_id": reply.header("x-amzn-RequestId") if reply else None,
            "rules": verdict.rules, "answered": verdict.answers,
            "millis": round((time.monotonic() - started) * 1000, 1),
        })

    def _forward_plain(self, body: bytes) -> Reply:
        """Passes on a plain http request to loopback, as any http proxy does."""
        url = urlsplit(self.path)
        if url.scheme != "http" or not _is_loopback(url.hostname or ""):
            return _plain(403, f"not a loopback host, and nothing leaves this machine: {url.hostname or self.path}")
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        try:
            return forward(address_of(self.path), self.command, target, self.end_to_end_headers(), body)
        except OSError as error:
            return _plain(502, f"{url.netloc}: {error.strerror}")


def _refuse_scope(endpoint: aws_hosts.Endpoint, facts: dict[str, Any]) -> Reply | None:
    """Refuses a signature for another region or service, in AWS's words (the blank at the end is theirs)."""
    if facts["region"] and facts["region"] != endpoint.region:
        text = f"Credential should be scoped to a valid region, not '{facts['region']}'. "
    elif facts["service"] and facts["service"] != endpoint.service:
        text = f"Credential should be scoped to correct service: '{endpoint.service}'. "
    else:
        return None
    return aws_answers.error(endpoint.service, 403, "SignatureDoesNotMatch", text)


def _told(do: dict[str, Any], service: str, facts: dict[str, Any]) -> Reply | None:
    """Returns the answer a rule gives, if it gives one."""
    if "answer" in do:
        return aws_answers.canned(str(do["answer"]), service, facts)
    if "error" in do:
        wanted = do["error"]
        return aws_answers.error(service, int(wanted["status"]), wanted["code"], wanted["message"])
    if "html" in do:
        return Reply(int(do["html"]), aws_answers.HTML, [("Content-Type", "text/html; charset=utf-8")])
    if "reply" in do:
        wanted = do["reply"]
        return Reply(int(wanted["status"]), str(wanted.get("body", "")).encode(),
                     list(dict(wanted.get("headers", {})).items()))
    return None


def _principal(form: dict[str, str]) -> str:
    """Returns the first ARN in a trust policy, for "Invalid principal in policy"."""
    found = re.search(r'"AWS"\s*:\s*\[?\s*"([^"]+)"',
                      form.get("AssumeRolePolicyDocument") or form.get("PolicyDocument") or "")
    return found[1] if found else ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _plain(status: int, text: str) -> Reply:
    return Reply(status, f"{text}\n".encode(), [("Content-Type", "text/plain")])
