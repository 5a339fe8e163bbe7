"""Calls to ministack as the root of an account, for what the doubles do in EC2's place.

ministack does not verify root's signature: the account id as access key is
enough. Nothing that is under test ever uses this.
"""

from __future__ import annotations

import datetime
import xml.etree.ElementTree as ElementTree
from urllib.parse import urlencode

from .web import LOOPBACK, forward

VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}


class AwsError(Exception):
    """A refusal of ministack."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code


class Root:
    """The root user of every account."""

    def __init__(self, port: int) -> None:
        self._port = port

    def call(self, service: str, account: str, action: str, **parameters: str) -> ElementTree.Element:
        """Calls an action and returns its answer, namespaces taken off."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{account}/{now[:8]}/us-east-1/{service}/aws4_request"
        headers = [
            ("Host", f"{service}.amazonaws.com"),
            ("X-Amz-Date", now),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Authorization", f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        ]
        body = urlencode({"Action": action, "Version": VERSIONS[service], **parameters}).encode()
        reply = forward((LOOPBACK, self._port), "POST", "/", headers, body)
        document = without_namespaces(reply.body)
        if reply.status != 200:
            raise AwsError(reply.status, text(document, "Code"), text(document, "Message"))
        return document

    def ensure(self, service: str, account: str, action: str, **parameters: str) -> None:
        """Calls a creating action; that the thing exists already, or is there in full, is fine."""
        try:
            self.call(service, account, action, **parameters)
        except AwsError as error:
            if error.code not in ("EntityAlreadyExists", "LimitExceeded"):
                raise

    def account_of(self, access_key: str) -> str | None:
        """Returns the account an access key belongs to; None for a key that nobody has."""
        if access_key.isdigit():
            return access_key
        try:
            return text(self.call("sts", "123456789012", "GetAccessKeyInfo", AccessKeyId=access_key), "Account")
        except AwsError:
            return None


def text(document: ElementTree.Element, name: str) -> str:
    """Returns the text of the first element of a name, or nothing."""
    found = document.find(f".//{name}")
    return "" if found is None or found.text is None else found.text


def without_namespaces(body: bytes) -> ElementTree.Element:
    """Parses an answer and takes the namespaces off its names."""
    document = ElementTree.fromstring(body)
    for element in document.iter():
        element.tag = element.tag.rpartition("}")[2]
    return document
