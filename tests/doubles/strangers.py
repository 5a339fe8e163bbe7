"""Listeners that are not Vault: a web page, a redirect, silence, noise, nobody at all."""

from __future__ import annotations

import socket
import socketserver
import ssl

from .aws_answers import HTML
from .web import LOOPBACK, Handler, Reply, Server, json_reply

KINDS = ("html", "redirect", "json", "silent", "garbage", "hangup", "closed")


class Stranger:
    """Something that listens, or does not, where Vault is expected."""

    def __init__(self, kind: str, status: int, tls: ssl.SSLContext | None) -> None:
        if kind not in KINDS:
            raise ValueError(f"a stranger is one of {', '.join(KINDS)}")
        self._server: Server | None = None
        self._held: socket.socket | None = None
        if kind == "closed":
            # Bound but not listening: refuses connections, and nobody else gets the port.
            self._held = socket.socket()
            self._held.bind((LOOPBACK, 0))
            self.url = f"http://{LOOPBACK}:{self._held.getsockname()[1]}"
        else:
            self._server = Server(_handler(kind, status), tls)
            self.url = self._server.url

    def close(self) -> None:
        """Stops it."""
        if self._server:
            self._server.close()
        if self._held:
            self._held.close()


def _handler(kind: str, status: int) -> type[socketserver.BaseRequestHandler]:
    if kind in ("silent", "garbage", "hangup"):
        return {"silent": _Silent, "garbage": _Garbage, "hangup": _HangUp}[kind]
    replies = {
        "html": Reply(status, HTML, [("Content-Type", "text/html; charset=utf-8")]),
        "redirect": Reply(302, b"", [("Location", "/login")]),
        "json": json_reply(status, {"message": "hello"}),
    }
    return type("PageHandler", (_Page,), {"reply": replies[kind]})


class _Page(Handler):
    reply: Reply

    def answer(self, body: bytes) -> Reply:
        return self.reply


class _Silent(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while self.request.recv(4096):
            pass


class _Garbage(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(4096)
        self.request.sendall(b"\x00\xff\x13\x37 220 this is no HTTP\r\n\x80\x81\r\n\r\n")


class _HangUp(socketserver.BaseRequestHandler):
    """Closes every connection at once."""
