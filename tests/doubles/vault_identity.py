"""A Vault server's own AWS identity: the endpoint it gets its keys from, and what those keys are of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .instance_roles import InstanceRoles, NotTrusted
from .web import Handler, Reply, Server, json_reply


@dataclass
class VaultIdentity:
    """Which role a Vault's server runs with; it has it only while an instance profile holds that role.

    `attached` is EC2's half of it: false plays the profile that is there in
    IAM and that nobody has attached to Vault's instance yet.
    """

    account: str
    role: str = "VaultRole"
    instance_id: str = "i-0fedcba9876543210"
    attached: bool = True

    def change(self, changes: dict[str, Any]) -> None:
        """Takes over fields of the same names."""
        fields = asdict(self)
        wrong = [name for name, value in changes.items() if type(value) is not type(fields.get(name))]
        if wrong:
            raise ValueError(f"a Vault identity has {', '.join(fields)}; not understood: {', '.join(wrong)}")
        for name, value in changes.items():
            setattr(self, name, value)


class VaultIdentityEndpoint:
    """The container-credential endpoint Vault is started with, because Vault's SDK takes no other IMDS address."""

    def __init__(self, identity: VaultIdentity, roles: InstanceRoles) -> None:
        self.identity = identity
        self._roles = roles
        self.server = Server(type("VaultIdentityHandler", (_VaultIdentityHandler,), {"endpoint": self}))

    @property
    def url(self) -> str:
        return f"{self.server.url}/credentials"

    def get(self) -> Reply:
        """Returns the keys of Vault's role, or that there are none."""
        identity = self.identity
        if not (identity.attached and self._roles.has_profile(identity.account, identity.role)):
            return json_reply(404, {"code": "NoInstanceProfile", "message": "no attached profile holds the role"})
        try:
            keys = self._roles.credentials(identity.account, identity.role, identity.instance_id)
        except NotTrusted:
            return json_reply(404, {"code": "AssumeRoleUnauthorizedAccess", "message": "EC2 cannot assume the role"})
        return json_reply(200, keys.document())


class _VaultIdentityHandler(Handler):
    endpoint: VaultIdentityEndpoint

    def answer(self, body: bytes) -> Reply:
        return self.endpoint.get()
