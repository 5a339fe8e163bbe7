"""The small HTTP server all doubles are made of: HTTP/1.1, keep-alive, a thread per connection, loopback."""

from __future__ import annotations

import email.utils
import http.client
import json
import socketserver
import ssl
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"

# RFC 9110 section 7.6.1: these belong to one connection and are never forwarded.
HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
              "te", "trailer", "transfer-encoding", "upgrade"}


@dataclass
class Reply:
    """An HTTP answer, whole."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)

    def header(self, name: str) -> str:
        """Returns a header's value, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def address_of(url: str) -> tuple[str, int]:
    """Returns host and port of an http(s) address."""
    parts = urlsplit(url)
    if parts.hostname is None:
        raise ValueError(f"not an address: {url}")
    return parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def json_reply(status: int, document: object) -> Reply:
    """Returns a JSON answer."""
    body = json.dumps(document, indent=2).encode() + b"\n"
    return Reply(status, body, [("Content-Type", "application/json")])


class Handler(BaseHTTPRequestHandler):
    """One connection. A double defines `answer`; every method ends there."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.opened = time.time()

    def answer(self, body: bytes) -> Reply | None:
        """Answers one request; None: nothing is said and the connection is closed."""
        raise NotImplementedError

    def do_GET(self) -> None:
        reply = self.answer(self._read_body())
        if reply is None:
            self.close_connection = True
        else:
            self.send_reply(reply)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_LIST = do_OPTIONS = do_GET

    def send_reply(self, reply: Reply) -> None:
        """Writes an answer in one piece, dated by the real clock."""
        reason = http.client.responses.get(reply.status, "")
        lines = [f"HTTP/1.1 {reply.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in reply.headers
                  if name.lower() not in HOP_BY_HOP | {"content-length", "date"}]
        lines.append(f"Date: {email.utils.formatdate(usegmt=True)}")
        if reply.status != 204:
            lines.append(f"Content-Length: {len(reply.body)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + reply.body)

    def wait_for_hang_up(self) -> None:
        """Says nothing until the client gives up."""
        try:
            while self.connection.recv(4096):
                pass
        except OSError:
            pass

    def end_to_end_headers(self) -> list[tuple[str, str]]:
        """Returns the request's headers that a proxy passes on."""
        named = {name.strip().lower() for name in self.headers.get("Connection", "").split(",")}
        return [(name, value) for name, value in self.headers.items()
                if name.lower() not in HOP_BY_HOP | named]

    def _read_body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._read_chunks()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def log_message(self, format: str, *args: object) -> None:
        """Keeps quiet: each double has an access log of its own."""


class Server(socketserver.ThreadingTCPServer):
    """Listens on a free port of 127.0.0.1 and serves in the background until closed."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, handler: type[socketserver.BaseRequestHandler], tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        super().__init__((LOOPBACK, 0), handler)
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{LOOPBACK}:{self.port}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Ends TLS in the connection's own thread, so that a slow client holds up nobody."""
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        with self.tls.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def close(self) -> None:
        """Stops listening; connections that are open end with their clients."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Lets clients come and go: a broken connection or handshake is an everyday event in tests."""
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, ssl.SSLError, TimeoutError)):
            super().handle_error(request, client_address)


def forward(address: tuple[str, int], method: str, target: str, headers: list[tuple[str, str]], body: bytes,
            tls: ssl.SSLContext | None = None) -> Reply:
    """Sends a request on, headers as they are (Host included), and returns the whole answer.

    A fresh connection each time: on loopback it costs nothing, and a request
    is never sent twice because an idle connection had died.
    """
    host, port = address
    connection = (http.client.HTTPSConnection(host, port, context=tls) if tls
                  else http.client.HTTPConnection(host, port))
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            if name.lower() != "content-length":
                connection.putheader(name, value)
        if body or method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return Reply(answer.status, answer.read(), answer.getheaders())
    finally:
        connection.close()
