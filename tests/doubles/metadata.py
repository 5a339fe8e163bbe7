"""EC2's instance metadata service (IMDSv2) for one instance."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

from .access_log import AccessLog
from .instance_roles import InstanceRoles, NotTrusted
from .web import Handler, Reply, Server

TOKEN_TTL = "x-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "x-aws-ec2-metadata-token"
ROLES = "/latest/meta-data/iam/security-credentials"
MODES = ("normal", "no-profile", "silent", "disabled")


@dataclass
class Instance:
    """An EC2 instance: whose it is, what is attached to it, how its metadata service behaves.

    Modes: `normal`; `no-profile` (nothing attached, whatever `profile` says);
    `silent` (the token request is never answered, as behind a hop limit of 1);
    `disabled` (403, the service is switched off).
    """

    account: str
    profile: str | None = None
    instance_id: str = "i-0123456789abcdef0"
    region: str = "us-east-1"
    mode: str = "normal"

    def change(self, changes: dict[str, Any]) -> None:
        """Takes over fields of the same names."""
        unknown = set(changes) - set(asdict(self))
        if unknown or changes.get("mode", "normal") not in MODES:
            raise ValueError(f"instance not understood: {', '.join(sorted(unknown)) or changes['mode']}")
        for name, value in changes.items():
            setattr(self, name, value)


class Metadata:
    """The metadata service of one instance, listening."""

    def __init__(self, instance: Instance, roles: InstanceRoles) -> None:
        self.instance = instance
        self.log = AccessLog()
        self._roles = roles
        self._tokens: dict[str, float] = {}
        self._lock = threading.Lock()
        self.server = Server(type("MetadataHandler", (_MetadataHandler,), {"service": self}))

    def new_token(self, ttl: str) -> Reply:
        """Returns a session token, as PUT /latest/api/token does."""
        if not re.fullmatch(r"\d{1,5}", ttl) or not 1 <= int(ttl) <= 21600:
            return _text(400, "Bad Request")
        token = secrets.token_urlsafe(40)
        with self._lock:
            self._tokens[token] = time.time() + int(ttl)
        reply = _text(200, token)
        reply.headers.append((TOKEN_TTL, ttl))
        return reply

    def token_is_good(self, token: str) -> bool:
        """Says whether a token was issued here and is not over."""
        with self._lock:
            return self._tokens.get(token, 0) > time.time()

    def get(self, path: str) -> Reply:
        """Returns a piece of metadata."""
        if path.rstrip("/") == ROLES or path.startswith(ROLES + "/"):
            return self._role(path[len(ROLES):].strip("/"))
        instance = self.instance
        known = {
            "/latest/dynamic/instance-identity/document": json.dumps({
                "accountId": instance.account, "region": instance.region, "instanceId": instance.instance_id,
                "availabilityZone": f"{instance.region}a", "version": "2017-09-30"}, indent=2),
            "/latest/meta-data/placement/region": instance.region,
            "/latest/meta-data/instance-id": instance.instance_id,
        }
        return _text(200, known[path]) if path in known else _text(404, "Not Found")

    def _role(self, wanted: str) -> Reply:
        instance = self.instance
        if not instance.profile or instance.mode == "no-profile":
            return _text(404, "Not Found")
        role = self._roles.role_of_profile(instance.account, instance.profile)
        if role is None or wanted not in ("", role):
            return _text(404, "Not Found")
        if wanted == "":
            return _text(200, role)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        try:
            keys = self._roles.credentials(instance.account, role, instance.instance_id)
        except NotTrusted:
            return _text(200, json.dumps({
                "Code": "AssumeRoleUnauthorizedAccess", "LastUpdated": now,
                "Message": f"EC2 cannot assume the role {role}. Please see documentation at "
                           "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html."}, indent=2))
        return _text(200, json.dumps({"Code": "Success", "LastUpdated": now, "Type": "AWS-HMAC",
                                      **keys.document()}, indent=2))


class _MetadataHandler(Handler):
    service: Metadata

    def answer(self, body: bytes) -> Reply | None:
        path = self.path.partition("?")[0]
        reply = self._answer(path)
        self.service.log.add({"method": self.command, "path": path, "status": reply.status if reply else None})
        if reply is None:
            self.wait_for_hang_up()
        return reply

    def _answer(self, path: str) -> Reply | None:
        mode = self.service.instance.mode
        if mode == "silent":
            return None
        if mode == "disabled":
            return _text(403, "Forbidden")
        if path == "/latest/api/token":
            return self.service.new_token(self.headers.get(TOKEN_TTL, "")) if self.command == "PUT" else _text(405, "")
        if not self.service.token_is_good(self.headers.get(TOKEN, "")):
            return _text(401, "Unauthorized")
        return self.service.get(path)


def _text(status: int, body: str) -> Reply:
    return Reply(status, body.encode(), [("Content-Type", "text/plain"), ("Server", "EC2ws")])
