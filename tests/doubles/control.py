"""The control API: how a test tells the doubles what to do and asks them what they saw.

JSON over HTTP on loopback, below an unguessable path. Every function here is
one route; what it does lives with the double it is about.
"""

from __future__ import annotations

import hmac
import itertools
import json
import re
import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from . import aws_answers
from . import front as front_module
from . import relay as relay_module
from .access_log import AccessLog
from .aws_root import AwsError, Root
from .container import Container, ContainerEndpoint
from .errors import ServersError
from .front import Front
from .instance_roles import InstanceRoles
from .isolated_article import IsolatedArticles, Names
from .metadata import Instance, Metadata
from .pki import Pki
from .policies import account_id
from .relay import Relay
from .strangers import Stranger
from .users import make_user
from .vault_client import VaultError
from .vault_identity import VaultIdentity, VaultIdentityEndpoint
from .vaults import Vaults, VaultServer
from .web import LOOPBACK, Handler, Reply, Server, json_reply

Request = dict[str, Any]
Thing = TypeVar("Thing")


class NotThere(Exception):
    """The path or the thing it names does not exist."""


class Control:
    """All doubles of an instance, and the API to them."""

    def __init__(self, front: Front, roles: InstanceRoles, pki: Pki, vaults: Vaults, vault: VaultServer,
                 identity: VaultIdentityEndpoint, articles: IsolatedArticles, root: Root) -> None:
        self.front, self.roles, self.pki, self.vaults, self.vault = front, roles, pki, vaults, vault
        self.identity, self.articles, self.root = identity, articles, root
        self.imds: dict[str, Metadata] = {}
        self.containers: dict[str, ContainerEndpoint] = {}
        self.relays: dict[str, Relay] = {}
        self.strangers: dict[str, Stranger] = {}
        self.others: dict[str, VaultServer] = {}
        self.identities: dict[str, VaultIdentityEndpoint] = {}
        self._numbers = itertools.count(1)
        self.token = secrets.token_urlsafe(24)
        self.server = Server(type("ControlHandler", (_ControlHandler,), {"control": self}))

    @property
    def url(self) -> str:
        return f"{self.server.url}/{self.token}"

    def new_id(self, kind: str) -> str:
        """Returns a name for a new thing."""
        return f"{kind}{next(self._numbers)}"

    def add_imds(self, name: str, instance: Instance) -> dict[str, str]:
        """Starts a metadata service."""
        self.imds[name] = Metadata(instance, self.roles)
        return {"id": name, "endpoint": self.imds[name].server.url}


def _status(control: Control, request: Request) -> object:
    return {
        "front": control.front.server.url, "vault": control.vault.address,
        "vault_running": control.vault.child.running(), "vault_identity": vars(control.identity.identity),
        "imds": {name: {"endpoint": it.server.url, **vars(it.instance)} for name, it in control.imds.items()},
        "relays": {name: it.server.url for name, it in control.relays.items()},
        "strangers": {name: it.url for name, it in control.strangers.items()},
        "vaults": {name: it.address for name, it in control.others.items()},
        "rules": control.front.rules.list(),
    }


def _make_article(control: Control, request: Request) -> object:
    """Makes the state and, once per account, an instance with Kong's role."""
    names = Names.read(request)
    made = control.articles.make(names)
    imds = f"kong-{names.account}"
    if imds not in control.imds:
        control.add_imds(imds, Instance(names.account, names.kong_role))
    return {**made, "imds": {"id": imds, "endpoint": control.imds[imds].server.url}}


def _add_rule(control: Control, request: Request) -> object:
    name = dict(request.get("do") or {}).get("answer")
    if name is not None and name not in aws_answers.CANNED:
        raise ValueError(f"no answer {name}; there are {', '.join(aws_answers.CANNED)}")
    return {"id": control.front.rules.add(request, front_module.DOES)}


def _list_rules(control: Control, request: Request) -> object:
    return control.front.rules.list()


def _remove_rules(control: Control, request: Request) -> object:
    return {"removed": control.front.rules.remove()}


def _remove_rule(control: Control, request: Request, name: str) -> object:
    return {"removed": control.front.rules.remove(name)}


def _front_log(control: Control, request: Request) -> object:
    return _log(control.front.log, request)


def _main_audit_log(control: Control, request: Request) -> object:
    return _audit_log(control.vault, request)


def _add_imds(control: Control, request: Request) -> object:
    instance = Instance(account=str(request["account"]))
    instance.change(request)
    return control.add_imds(control.new_id("imds"), instance)


def _change_imds(control: Control, request: Request, name: str) -> object:
    instance = _find(control.imds, name).instance
    instance.change(request)
    return vars(instance)


def _imds_log(control: Control, request: Request, name: str) -> object:
    return _log(_find(control.imds, name).log, request)


def _remove_imds(control: Control, request: Request, name: str) -> object:
    _find(control.imds, name).server.close()
    del control.imds[name]
    return {"removed": 1}


def _add_container(control: Control, request: Request) -> object:
    container = Container(account_id(request), str(request["role"]))
    container.change(request)
    name = control.new_id("container")
    control.containers[name] = ContainerEndpoint(container, control.roles)
    return {"id": name, "endpoint": control.containers[name].server.url}


def _change_container(control: Control, request: Request, name: str) -> object:
    _find(control.containers, name).container.change(request)
    return {"changed": 1}


def _container_log(control: Control, request: Request, name: str) -> object:
    return _log(_find(control.containers, name).log, request)


def _remove_container(control: Control, request: Request, name: str) -> object:
    _find(control.containers, name).server.close()
    del control.containers[name]
    return {"removed": 1}


def _log_in_to_sso(control: Control, request: Request) -> object:
    """Makes a login as the browser would: one permission set in one account."""
    return control.front.sso.log_in(account_id(request), str(request["permission_set"]), str(request["user"]),
                                    int(request.get("lifetime", 3600)), str(request["key"]))


def _set_identity(control: Control, request: Request) -> object:
    control.identity.identity.change(request)
    return vars(control.identity.identity)


def _add_relay(control: Control, request: Request) -> object:
    tls = control.pki.server_context(LOOPBACK) if request.get("tls") else None
    relay = Relay(str(request.get("target") or control.vault.address), tls)
    for rule in request.get("rules") or []:
        relay.rules.add(rule, relay_module.DOES)
    name = control.new_id("relay")
    control.relays[name] = relay
    return {"id": name, "url": relay.server.url}


def _add_relay_rule(control: Control, request: Request, name: str) -> object:
    return {"id": _find(control.relays, name).rules.add(request, relay_module.DOES)}


def _remove_relay_rules(control: Control, request: Request, name: str) -> object:
    return {"removed": _find(control.relays, name).rules.remove()}


def _relay_log(control: Control, request: Request, name: str) -> object:
    return _log(_find(control.relays, name).log, request)


def _remove_relay(control: Control, request: Request, name: str) -> object:
    _find(control.relays, name).server.close()
    del control.relays[name]
    return {"removed": 1}


def _add_stranger(control: Control, request: Request) -> object:
    tls = control.pki.server_context(LOOPBACK) if request.get("tls") else None
    stranger = Stranger(str(request.get("kind")), int(request.get("status") or 200), tls)
    name = control.new_id("stranger")
    control.strangers[name] = stranger
    return {"id": name, "url": stranger.url}


def _remove_stranger(control: Control, request: Request, name: str) -> object:
    _find(control.strangers, name).close()
    del control.strangers[name]
    return {"removed": 1}


def _make_user(control: Control, request: Request) -> object:
    """Makes an IAM user who may do what a policy, JSON or its text, says."""
    policy = request["policy"]
    return make_user(control.root, account_id(request), str(request["name"]),
                     policy if isinstance(policy, str) else json.dumps(policy))


def _add_vault(control: Control, request: Request) -> object:
    """Starts a Vault, or the software named; given an account it has an AWS identity of its own there.

    Without one it shares the main Vault's.
    """
    name = control.new_id("vault")
    identity = control.identity
    if "account" in request:
        identity = VaultIdentityEndpoint(VaultIdentity(account_id(request)), control.roles)
        identity.identity.change({field: request[field] for field in ("role", "attached") if field in request})
        control.identities[name] = identity
    software = str(request.get("software") or "vault")
    server = control.vaults.start_other(software, str(request.get("state")), identity.url)
    control.others[name] = server
    return {"id": name, "address": server.address, "token": server.token}


def _change_vault_identity(control: Control, request: Request, name: str) -> object:
    identity = _find(control.identities, name).identity
    identity.change(request)
    return vars(identity)


def _other_audit_log(control: Control, request: Request, name: str) -> object:
    return _audit_log(_find(control.others, name), request)


def _remove_vault(control: Control, request: Request, name: str) -> object:
    control.vaults.stop(_find(control.others, name))
    del control.others[name]
    if name in control.identities:
        control.identities.pop(name).server.close()
    return {"removed": 1}


# Where a path has a name in it, `*` stands for it.
ROUTES: dict[tuple[str, str], Callable[..., object]] = {
    ("GET", ""): _status,
    ("POST", "article"): _make_article,
    ("POST", "users"): _make_user,
    ("POST", "rules"): _add_rule,
    ("GET", "rules"): _list_rules,
    ("DELETE", "rules"): _remove_rules,
    ("DELETE", "rules/*"): _remove_rule,
    ("GET", "log/front"): _front_log,
    ("GET", "log/vault"): _main_audit_log,
    ("POST", "imds"): _add_imds,
    ("PATCH", "imds/*"): _change_imds,
    ("GET", "imds/*/log"): _imds_log,
    ("DELETE", "imds/*"): _remove_imds,
    ("POST", "containers"): _add_container,
    ("PATCH", "containers/*"): _change_container,
    ("GET", "containers/*/log"): _container_log,
    ("DELETE", "containers/*"): _remove_container,
    ("POST", "sso"): _log_in_to_sso,
    ("PATCH", "vault-identity"): _set_identity,
    ("POST", "relays"): _add_relay,
    ("POST", "relays/*/rules"): _add_relay_rule,
    ("DELETE", "relays/*/rules"): _remove_relay_rules,
    ("GET", "relays/*/log"): _relay_log,
    ("DELETE", "relays/*"): _remove_relay,
    ("POST", "strangers"): _add_stranger,
    ("DELETE", "strangers/*"): _remove_stranger,
    ("POST", "vaults"): _add_vault,
    ("PATCH", "vaults/*/identity"): _change_vault_identity,
    ("GET", "vaults/*/log"): _other_audit_log,
    ("DELETE", "vaults/*"): _remove_vault,
}


class _ControlHandler(Handler):
    control: Control

    def answer(self, body: bytes) -> Reply:
        path, _, query = self.path.partition("?")
        token, _, rest = path.lstrip("/").partition("/")
        if not hmac.compare_digest(token.encode(), self.control.token.encode()):
            return json_reply(404, {"error": "not found"})
        try:
            request = {**dict(parse_qsl(query)), **(json.loads(body) if body else {})}
            return json_reply(200, _route(self.control, self.command, rest.strip("/"), request))
        except NotThere as error:
            return json_reply(404, {"error": f"not found: {error}"})
        except (KeyError, TypeError, ValueError, re.error) as error:
            return json_reply(400, {"error": f"{type(error).__name__}: {error}"})
        except (AwsError, VaultError, ServersError) as error:
            return json_reply(502, {"error": str(error)})


def _route(control: Control, method: str, path: str, request: Request) -> object:
    parts = path.split("/")
    named = "/".join("*" if place == 1 else part for place, part in enumerate(parts))
    if (method, path) in ROUTES:
        return ROUTES[method, path](control, request)
    if (method, named) in ROUTES:
        return ROUTES[method, named](control, request, parts[1])
    raise NotThere(f"{method} {path}")


def _find(things: dict[str, Thing], name: str) -> Thing:
    if name not in things:
        raise NotThere(name)
    return things[name]


def _audit_log(vault: VaultServer, request: Request) -> object:
    """Returns a Vault's audited requests after a byte offset, by path (regular expression)."""
    if vault.audit is None:
        raise NotThere("only open Vaults are audited")
    offset, pattern = int(request.get("since") or 0), re.compile(str(request.get("path") or ".*"))
    with vault.audit.open("rb") as audit:
        audit.seek(offset)
        data = audit.read()
    whole = data[:data.rfind(b"\n") + 1]
    entries = [json.loads(line) for line in whole.splitlines()]
    found = [entry for entry in entries if pattern.fullmatch(entry.get("request", {}).get("path", ""))]
    return {"next": offset + len(whole), "entries": found}


def _log(log: AccessLog, request: Request) -> object:
    wanted = {name: str(value) for name, value in request.items() if name != "since"}
    return log.since(int(request.get("since") or 0), wanted)
