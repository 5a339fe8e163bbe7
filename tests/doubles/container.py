"""The credential endpoint of one container: that of an ECS task, or EKS's Pod Identity agent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .access_log import AccessLog
from .instance_roles import InstanceRoles, NotTrusted
from .web import Handler, Reply, Server, json_reply

# Whom the role's trust policy must name, by the kind of container.
SERVICES = {"ecs": "ecs-tasks.amazonaws.com", "eks": "pods.eks.amazonaws.com"}
MODES = ("normal", "broken")


@dataclass
class Container:
    """A task or pod: which role it has, and the token that its requests must carry.

    Real Pod Identity also tags the sessions; these have no tags. In mode
    `broken` the endpoint answers, and not with credentials.
    """

    account: str
    role: str
    kind: str = "ecs"
    token: str = ""
    mode: str = "normal"

    def change(self, changes: dict[str, Any]) -> None:
        """Takes over fields of the same names."""
        unknown = set(changes) - set(asdict(self))
        if unknown or changes.get("kind", "ecs") not in SERVICES or changes.get("mode", "normal") not in MODES:
            raise ValueError(f"container not understood: {', '.join(sorted(unknown)) or changes}")
        for name, value in changes.items():
            setattr(self, name, value)


class ContainerEndpoint:
    """The endpoint, listening."""

    def __init__(self, container: Container, roles: InstanceRoles) -> None:
        self.container = container
        self.log = AccessLog()
        self._roles = roles
        self.server = Server(type("ContainerHandler", (_ContainerHandler,), {"endpoint": self}))

    def get(self, token: str) -> Reply:
        """Returns the keys of the container's role, or why there are none."""
        container = self.container
        if container.mode == "broken":
            return Reply(200, b"<html></html>", [("Content-Type", "text/html")])
        if token != container.token:
            return json_reply(401, {"code": "InvalidToken", "message": "the authorization token is not this pod's"})
        try:
            keys = self._roles.credentials(container.account, container.role, container.kind,
                                           {SERVICES[container.kind]})
        except NotTrusted:
            return json_reply(403, {"code": "AccessDenied", "message": f"{container.kind} cannot assume the role"})
        return json_reply(200, keys.document())


class _ContainerHandler(Handler):
    endpoint: ContainerEndpoint

    def answer(self, body: bytes) -> Reply:
        reply = self.endpoint.get(self.headers.get("Authorization", ""))
        self.endpoint.log.add({"method": self.command, "path": self.path, "status": reply.status})
        return reply
