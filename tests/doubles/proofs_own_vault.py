"""Proofs about a state from nothing: an account and a Vault of its own, restricted users, answers that are lost."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from .policies import allow, ec2_trust, role_arn
from .proving import Instance, Keys, demand, expect, http_call, refusal
from .web import Reply

IAM = "iam.amazonaws.com"


@dataclass(frozen=True)
class Nothing:
    """An account with an operator, and a Vault, in which nothing is."""

    instance: Instance
    account: str
    operator: Keys
    made: dict[str, Any]

    def iam(self, action: str, **parameters: str) -> None:
        """Has the operator do something that must succeed."""
        expect(self.instance.aws(self.operator, IAM, action, **parameters), 200)

    def vault(self, method: str, path: str, document: object | None = None, address: str | None = None) -> Reply:
        """Calls the Vault as root."""
        return http_call(address or self.made["address"], method, f"/v1/{path}", {"X-Vault-Token": self.made["token"]},
                         b"" if document is None else json.dumps(document).encode())

    def write_role(self, mount: str = "aws") -> Reply:
        """Writes a role bound to VaultRole, which Vault looks up in IAM."""
        bound = {"auth_type": "iam", "bound_iam_principal_arn": role_arn(self.account, "VaultRole")}
        return self.vault("POST", f"auth/{mount}/role/r", bound)

    def stop(self) -> None:
        """Stops the Vault."""
        self.instance.control("DELETE", f"vaults/{self.made['id']}")


def begin(instance: Instance, account: str) -> Nothing:
    """Makes the operator and starts the Vault."""
    operator = make_user(instance, account, "operator", allow("*", "*"))
    return Nothing(instance, account, operator, instance.control("POST", "vaults", {
        "state": "open", "account": account, "role": "VaultRole"}))


def make_user(instance: Instance, account: str, name: str, policy: object) -> Keys:
    """Makes an IAM user."""
    made = instance.control("POST", "users", {"account": account, "name": name, "policy": policy})
    return Keys(made["access_key_id"], made["secret_access_key"])


def own_vault_has_its_own_identity(instance: Instance) -> None:
    """A Vault with an account is there soon and empty; its identity comes when its profile is there and attached."""
    start = time.monotonic()
    nothing = begin(instance, "666600000001")
    demand(time.monotonic() - start < 3, "slow Vault")
    mounts = json.loads(nothing.vault("GET", "sys/mounts").body)["data"]
    demand(set(mounts) == {"cubbyhole/", "identity/", "sys/"}, str(mounts))
    expect(nothing.vault("POST", "sys/auth/aws", {"type": "aws"}), 204)
    expect(nothing.write_role(), 400, "NoCredentialProviders")
    profile = {"InstanceProfileName": "VaultProfile"}
    nothing.iam("CreateRole", RoleName="VaultRole", AssumeRolePolicyDocument=ec2_trust())
    nothing.iam("CreateInstanceProfile", **profile)
    _set_attached(nothing, False)
    nothing.iam("AddRoleToInstanceProfile", RoleName="VaultRole", **profile)
    expect(nothing.write_role(), 400, "NoCredentialProviders")
    _set_attached(nothing, True)
    expect(nothing.write_role(), 400, "AccessDenied", f"{nothing.account}:assumed-role/VaultRole", "iam:GetRole")
    nothing.iam("PutRolePolicy", RoleName="VaultRole", PolicyName="p",
                PolicyDocument=allow("iam:GetRole", role_arn(nothing.account, "VaultRole")))
    # Vault keeps no refusal: nothing has to be waited for or written again.
    expect(nothing.write_role(), 204)
    nothing.stop()
    demand(refusal(lambda: nothing.vault("GET", "sys/health")), "still there")


def identities_are_apart(instance: Instance) -> None:
    """Changing one Vault's identity changes no other's; what is no field of it is refused."""
    one, other = begin(instance, "666600000002"), begin(instance, "666600000003")
    main = instance.control("GET", "")["vault_identity"]
    changed = instance.control("PATCH", f"vaults/{one.made['id']}/identity", {"role": "Elsewhere"})
    demand(changed["role"] == "Elsewhere" and changed["attached"] is True, str(changed))
    demand(instance.control("PATCH", f"vaults/{other.made['id']}/identity", {})["role"] == "VaultRole", "the other's")
    demand(instance.control("GET", "")["vault_identity"] == main, "the main one's")
    for wrong in ({"attached": "no"}, {"colour": "red"}):
        told = refusal(partial(instance.control, "PATCH", f"vaults/{one.made['id']}/identity", wrong))
        demand("not understood" in told, told)
    one.stop()
    other.stop()


def own_vault_is_audited(instance: Instance) -> None:
    """The audit log of a Vault of its own is read as the main one's is."""
    nothing = begin(instance, "666600000004")
    path = f"vaults/{nothing.made['id']}/log"
    marker = instance.control("GET", f"{path}?path=nothing")["next"]
    nothing.vault("GET", "sys/auth")
    entries = instance.control("GET", f"{path}?since={marker}&path=sys/auth")["entries"]
    demand([entry["type"] for entry in entries] == ["request", "response"], str(entries))
    nothing.stop()


def restricted_users_are_refused(instance: Instance) -> None:
    """IAM does what a user's policy says, action by action and role by role."""
    account = "666600000005"
    keys = make_user(instance, account, "few-rights", {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:CreateRole", "Resource": role_arn(account, "Allowed")},
        {"Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*"}]})
    trust = {"AssumeRolePolicyDocument": ec2_trust()}
    expect(instance.aws(keys, IAM, "CreateRole", RoleName="Allowed", **trust), 200)
    denied = f"arn:aws:iam::{account}:user/few-rights is not authorized to perform: iam:"
    expect(instance.aws(keys, IAM, "CreateRole", RoleName="Other", **trust), 403, "AccessDenied", f"{denied}CreateRole")
    expect(instance.aws(keys, IAM, "GetRole", RoleName="Allowed"), 403, "AccessDenied", f"{denied}GetRole")
    for role, verdict in (("Allowed", "allowed"), ("Other", "implicitDeny")):
        expect(instance.aws(keys, IAM, "SimulatePrincipalPolicy", **{
            "PolicySourceArn": f"arn:aws:iam::{account}:user/few-rights", "ActionNames.member.1": "iam:CreateRole",
            "ResourceArns.member.1": role_arn(account, role)}), 200, f"<EvalDecision>{verdict}<")


def answers_of_aws_are_lost(instance: Instance) -> None:
    """Cut or silent, before a request is carried out and after; and an error a number of times."""
    keys = make_user(instance, "666600000006", "operator", allow("*", "*"))
    for role, do, words, there in (("A", "drop", "", 404), ("B", "drop_answer", "", 200),
                                   ("C", "stall", "timed out", 404), ("D", "stall_answer", "timed out", 200)):
        match = {"account": "666600000006", "action": "CreateRole", "role_name": role}
        instance.control("POST", "rules", {"match": match, "times": 1, "do": {do: True}})
        create = {"RoleName": role, "AssumeRolePolicyDocument": ec2_trust()}
        demand(words in refusal(partial(instance.aws, keys, IAM, "CreateRole", timeout=0.5, **create)), do)
        expect(instance.aws(keys, IAM, "GetRole", RoleName=role), there)
        asked = "account=666600000006&action=CreateRole"
        (entry,) = instance.control("GET", f"log/front?{asked}&role_name={role}")["entries"]
        carried_out = 200 if there == 200 else None
        demand(entry["status"] == carried_out and entry["answered"] is False, str(entry))
    update = {"RoleName": "B", "PolicyDocument": ec2_trust(role_arn("666600000006", "New"))}
    instance.control("POST", "rules", {"match": {"account": "666600000006", "action": "UpdateAssumeRolePolicy"},
                                       "times": 2, "do": {"answer": "invalid_principal"}})
    for _ in range(2):
        expect(instance.aws(keys, IAM, "UpdateAssumeRolePolicy", **update), 400, "MalformedPolicyDocument",
               'Invalid principal in policy: "AWS":"arn:aws:iam::666600000006:role/New"')
    expect(instance.aws(keys, IAM, "UpdateAssumeRolePolicy", **update), 200)


def answers_of_vault_are_lost(instance: Instance) -> None:
    """The same in front of a Vault of its own, by method and path."""
    nothing = begin(instance, "666600000007")
    relay = instance.control("POST", "relays", {"target": nothing.made["address"]})
    for mount, do, there in (("a", "drop", False), ("b", "drop_answer", True), ("c", "stall", False),
                             ("d", "stall_answer", True)):
        match = {"method": "POST", "path": f"/v1/sys/mounts/{mount}"}
        instance.control("POST", f"relays/{relay['id']}/rules", {"match": match, "times": 1, "do": {do: True}})
        headers, body = {"X-Vault-Token": nothing.made["token"]}, b'{"type": "kv"}'
        refusal(partial(http_call, relay["url"], "POST", match["path"], headers, body, timeout=0.5))
        demand((f"{mount}/" in json.loads(nothing.vault("GET", "sys/mounts").body)["data"]) is there, do)
    busy = {"status": 503, "body": '{"errors": ["Vault is sealed"]}'}
    instance.control("POST", f"relays/{relay['id']}/rules", {"match": {}, "times": 1, "do": {"reply": busy}})
    expect(nothing.vault("GET", "sys/health", address=relay["url"]), 503, "sealed")
    expect(nothing.vault("GET", "sys/health", address=relay["url"]), 200)
    entries = instance.control("GET", f"relays/{relay['id']}/log?answered=False")["entries"]
    demand([entry["status"] for entry in entries] == [None, 204, None, 204], str(entries))
    instance.control("DELETE", f"relays/{relay['id']}")
    nothing.stop()


def _set_attached(nothing: Nothing, attached: bool) -> None:
    nothing.instance.control("PATCH", f"vaults/{nothing.made['id']}/identity", {"attached": attached})


PROOFS = [own_vault_has_its_own_identity, identities_are_apart, own_vault_is_audited, restricted_users_are_refused,
          answers_of_aws_are_lost, answers_of_vault_are_lost]
