"""What the self-test's proofs have in common: an instance, signed requests by botocore, plain HTTP."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .aws_root import text, without_namespaces
from .errors import ServersError
from .instance import ask_control
from .paths import HERE
from .web import Reply, address_of

SERVERS = str(HERE.parent / "servers")
VERSIONS = {"sts": "2011-06-15", "iam": "2010-05-08"}


@dataclass(frozen=True)
class Keys:
    """Keys of AWS, temporary ones with a token."""

    access: str
    secret: str
    token: str | None = None


class Instance:
    """A running instance, as a test sees it."""

    def __init__(self, exports: dict[str, str]) -> None:
        self.exports = exports

    @property
    def operator(self) -> Keys:
        return Keys(self.exports["AWS_ACCESS_KEY_ID"], self.exports["AWS_SECRET_ACCESS_KEY"])

    def control(self, method: str, path: str, document: object | None = None) -> Any:
        """Calls the control API."""
        return ask_control(self.exports, method, path, document)

    def vault(self, method: str, path: str, document: object | None = None, token: str | None = None) -> Reply:
        """Calls Vault, as admin unless told otherwise."""
        headers = {"X-Vault-Token": self.exports["VAULT_TOKEN"] if token is None else token}
        return http_call(self.exports["VAULT_ADDR"], method, f"/v1/{path}", headers,
                         b"" if document is None else json.dumps(document).encode())

    def aws(self, keys: Keys, host: str, action: str, region: str = "us-east-1", timeout: float = 30,
            **parameters: str) -> Reply:
        """Sends a request signed by botocore to AWS, through the front."""
        headers, body = sign(keys, host, region, action, **parameters)
        return self.through_front(host, "POST", headers, body, timeout)

    def through_front(self, host: str, method: str, headers: dict[str, str], body: bytes, timeout: float = 30,
                      path: str = "/") -> Reply:
        """Sends a request as it is to an AWS host, through the front."""
        trust = ssl.create_default_context(cafile=self.exports["AWS_CA_BUNDLE"])
        connection = http.client.HTTPSConnection(*address_of(self.exports["HTTPS_PROXY"]), context=trust,
                                                 timeout=timeout)
        connection.set_tunnel(host, 443)
        return _exchange(connection, method, path, headers, body)

    def imds_keys(self, endpoint: str) -> Keys:
        """Fetches an instance's role keys as an SDK does."""
        role = imds_get(endpoint, "iam/security-credentials/").body.decode()
        found = json.loads(imds_get(endpoint, f"iam/security-credentials/{role}").body)
        return Keys(found["AccessKeyId"], found["SecretAccessKey"], found["Token"])

    def assume(self, keys: Keys, role_arn: str) -> Keys:
        """Assumes a role."""
        reply = self.aws(keys, "sts.us-east-1.amazonaws.com", "AssumeRole", RoleArn=role_arn, RoleSessionName="proof")
        expect(reply, 200)
        answer = without_namespaces(reply.body)
        return Keys(text(answer, "AccessKeyId"), text(answer, "SecretAccessKey"), text(answer, "SessionToken"))

    def login(self, keys: Keys, mount: str = "aws", role: str = "kong-role",
              host: str = "sts.us-east-1.amazonaws.com", region: str = "us-east-1") -> Reply:
        """Logs in to Vault with a GetCallerIdentity request signed by botocore."""
        headers, body = sign(keys, host, region, "GetCallerIdentity")
        return self.vault("POST", f"auth/{mount}/login", {
            "role": role, "iam_http_request_method": "POST",
            "iam_request_url": base64.b64encode(f"https://{host}/".encode()).decode(),
            "iam_request_body": base64.b64encode(body).decode(),
            "iam_request_headers": base64.b64encode(json.dumps(headers).encode()).decode()}, token="")


def sign(keys: Keys, host: str, region: str, action: str, **parameters: str) -> tuple[dict[str, str], bytes]:
    """Signs a query request with botocore; returns headers and body."""
    service = host.split(".")[0]
    body = urlencode({"Action": action, "Version": VERSIONS[service], **parameters}).encode()
    request = AWSRequest("POST", f"https://{host}/", data=body, headers={
        "Host": host, "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    SigV4Auth(Credentials(keys.access, keys.secret, keys.token), service, region).add_auth(request)
    return dict(request.headers.items()), body


def imds_get(endpoint: str, path: str) -> Reply:
    """Gets a piece of metadata with a session token."""
    token = http_call(endpoint, "PUT", "/latest/api/token", {"x-aws-ec2-metadata-token-ttl-seconds": "60"})
    return http_call(endpoint, "GET", f"/latest/meta-data/{path}", {"x-aws-ec2-metadata-token": token.body.decode()})


def http_call(address: str, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"",
              trust: ssl.SSLContext | None = None, timeout: float = 30) -> Reply:
    """Sends one request to http(s)://host:port and returns the answer."""
    host, port = address_of(address)
    connection = (http.client.HTTPSConnection(host, port, context=trust, timeout=timeout)
                  if address.startswith("https:") else http.client.HTTPConnection(host, port, timeout=timeout))
    return _exchange(connection, method, path, headers or {}, body)


def servers(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs tests/servers."""
    return subprocess.run([SERVERS, *arguments], env=environment, capture_output=True, text=True, check=False)


def expect(reply: Reply, status: int, *words: str) -> None:
    """Demands a status, and words in the body."""
    body = reply.body.decode("utf-8", "replace")
    missing = [word for word in words if word not in body]
    if reply.status != status or missing:
        raise AssertionError(f"wanted {status} {list(words)}, got {reply.status}: {body[:400]}")


def demand(true: object, what: str) -> None:
    """Demands that something is so."""
    if not true:
        raise AssertionError(what)


def refusal(attempt: Callable[[], object]) -> str:
    """Returns what an attempt that must fail was refused with."""
    try:
        done = attempt()
    except (OSError, ServersError) as error:
        return str(error)
    raise AssertionError(f"not refused: {done}")


def read(path: str) -> str:
    """Reads a file."""
    return Path(path).read_text()


def _exchange(connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str],
              body: bytes) -> Reply:
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Reply(answer.status, answer.read(), answer.getheaders())
    finally:
        connection.close()
