"""Proofs about OpenBao: its aws method is a plugin, its namespaces are real, its refusals have words of their own."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from .policies import allow, ec2_trust, role_arn
from .processes import wait_until
from .proofs_own_vault import make_user
from .proving import Instance, Keys, demand, expect, http_call, sign
from .web import Reply

IAM = "iam.amazonaws.com"
PLUGIN = "openbao-plugin-auth-aws"


@dataclass(frozen=True)
class OpenBao:
    """An OpenBao of its own, and the login role of its account, which its server runs with too."""

    instance: Instance
    account: str
    id: str
    address: str
    token: str

    def call(self, method: str, path: str, document: object | None = None, namespace: str = "",
             token: str | None = None) -> Reply:
        """Calls it, as root unless told otherwise."""
        headers = {"X-Vault-Token": self.token if token is None else token}
        if namespace:
            headers["X-Vault-Namespace"] = namespace
        return http_call(self.address, method, f"/v1/{path}", headers,
                         b"" if document is None else json.dumps(document).encode())

    def login(self, keys: Keys, namespace: str = "", region: str = "us-east-1") -> Reply:
        """Logs in with a request signed by botocore."""
        host = f"sts.{region}.amazonaws.com"
        headers, body = sign(keys, host, region, "GetCallerIdentity")
        return self.call("POST", "auth/aws/login", {
            "role": "r", "iam_http_request_method": "POST",
            "iam_request_url": base64.b64encode(f"https://{host}/".encode()).decode(),
            "iam_request_body": base64.b64encode(body).decode(),
            "iam_request_headers": base64.b64encode(json.dumps(headers).encode()).decode()}, namespace, token="")

    def set_up(self, namespace: str = "") -> None:
        """Mounts the method, without a configuration, and binds the login role, which the server looks up in IAM."""
        expect(self.call("POST", "sys/auth/aws", {"type": PLUGIN}, namespace), 204)
        bound = {"auth_type": "iam", "bound_iam_principal_arn": role_arn(self.account, "VaultRole")}
        expect(self.call("POST", "auth/aws/role/r", bound, namespace), 204)

    def stop(self) -> None:
        """Stops it."""
        self.instance.control("DELETE", f"vaults/{self.id}")


def begin(instance: Instance, account: str) -> tuple[OpenBao, Keys]:
    """Starts it, makes the login role with its profile, and returns keys of that role, as its instance has them."""
    operator = make_user(instance, account, "operator", allow("*", "*"))
    for action, parameters in (
            ("CreateRole", {"RoleName": "VaultRole", "AssumeRolePolicyDocument": ec2_trust()}),
            ("PutRolePolicy", {"RoleName": "VaultRole", "PolicyName": "p",
                               "PolicyDocument": allow("iam:GetRole", role_arn(account, "VaultRole"))}),
            ("CreateInstanceProfile", {"InstanceProfileName": "VaultRole"}),
            ("AddRoleToInstanceProfile", {"InstanceProfileName": "VaultRole", "RoleName": "VaultRole"})):
        expect(instance.aws(operator, IAM, action, **parameters), 200)
    made = instance.control("POST", "vaults", {"software": "openbao", "state": "open", "account": account})
    imds = instance.control("POST", "imds", {"account": account, "profile": "VaultRole"})
    return (OpenBao(instance, account, made["id"], made["address"], made["token"]),
            instance.imds_keys(imds["endpoint"]))


def openbao_is_what_answers(instance: Instance) -> None:
    """A real OpenBao, empty and audited, whose core has no method `aws`."""
    bao, _ = begin(instance, "777700000001")
    health = json.loads(bao.call("GET", "sys/health").body)
    demand(health["version"] == "2.7.2" and "enterprise" not in health, str(health))
    mounts = json.loads(bao.call("GET", "sys/mounts").body)["data"]
    demand(set(mounts) == {"cubbyhole/", "identity/", "sys/"}, str(mounts))
    expect(bao.call("POST", "sys/auth/aws", {"type": "aws"}), 400, "plugin not found in the catalog: aws")
    entries = instance.control("GET", f"vaults/{bao.id}/log?path=sys/auth/aws")["entries"]
    demand([entry["type"] for entry in entries] == ["request", "response"], str(entries))
    bao.stop()


def openbao_logs_in_through_sts(instance: Instance) -> None:
    """A role that the server looks up in IAM itself, a login that STS confirms, and what the method refuses."""
    bao, keys = begin(instance, "777700000002")
    bao.set_up()
    bound = json.loads(bao.call("GET", "auth/aws/role/r").body)["data"]["bound_iam_principal_id"]
    demand(len(bound) == 1 and bound[0].startswith("AROA"), str(bound))
    # Where config/client was never written the method falls over, and needs a moment to get up.
    expect(bao.login(keys), 500, "rpc error: code = Unavailable", "error reading from server")
    config = {"use_sts_region_from_client": True, "no_such_field": "x"}
    demand(wait_until(lambda: bao.call("POST", "auth/aws/config/client", config).status == 204, 10), "still down")
    config = json.loads(bao.call("GET", "auth/aws/config/client").body)["data"]
    demand(config["use_sts_region_from_client"] is True and "no_such_field" not in config, str(config))
    for region in ("us-east-1", "eu-west-1"):
        expect(bao.login(keys, region=region), 200, '"client_token":"s.')
    expect(bao.login(Keys(keys.access, "wrong" * 8, keys.token)), 400, "SignatureDoesNotMatch")
    stranger = make_user(instance, bao.account, "stranger", allow("*", "*"))
    expect(bao.login(stranger), 400, "does not belong to the role")
    bao.stop()


def openbao_namespaces_are_real(instance: Instance) -> None:
    """What is mounted in a namespace is there alone; a policy reaches into child namespaces and nowhere else."""
    bao, keys = begin(instance, "777700000003")
    for name, within in (("team", ""), ("secrets", "team"), ("other", "")):
        expect(bao.call("POST", f"sys/namespaces/{name}", namespace=within), 200)
    bao.set_up("team")
    expect(bao.call("POST", "auth/aws/config/client", {"use_sts_region_from_client": True}, "team"), 204)
    policy = 'path "secrets/kv/a" { capabilities = ["read"] }\npath "other/kv/a" { capabilities = ["read"] }'
    expect(bao.call("PUT", "sys/policies/acl/p", {"policy": policy}, "team"), 204)
    expect(bao.call("POST", "auth/aws/role/r", {"token_policies": "p"}, "team"), 204)
    for namespace in ("team/secrets", "other"):
        expect(bao.call("POST", "sys/mounts/kv", {"type": "kv"}, namespace), 204)
        expect(bao.call("POST", "kv/a", {"value": namespace}, namespace), 204)
    expect(bao.login(keys), 403, "permission denied")
    expect(bao.login(keys, "nowhere"), 404, "namespace not found")
    token = _client_token(bao.login(keys, "team"))
    expect(bao.call("GET", "kv/a", namespace="team/secrets", token=token), 200, "team/secrets")
    expect(bao.call("GET", "kv/a", namespace="other", token=token), 403, "1 error occurred")
    expect(bao.call("GET", "kv/a", namespace="nowhere", token=token), 404, "namespace not found")
    bao.stop()


def openbao_says_little_of_a_bad_token(instance: Instance) -> None:
    """A token that is none is told the same as one that may not be used from here; a policy's refusal is another."""
    bao, _ = begin(instance, "777700000004")
    expect(bao.call("POST", "auth/token/roles/elsewhere", {"token_bound_cidrs": ["192.0.2.1"]}), 204)
    here, elsewhere = (_client_token(bao.call("POST", f"auth/token/create{role}", {"policies": ["default"]}))
                       for role in ("", "/elsewhere"))
    expect(bao.call("GET", "sys/auth", token=here), 403, r'"1 error occurred:\n\t* permission denied\n\n"')
    for token in ("none", elsewhere):
        reply = bao.call("GET", "auth/token/lookup-self", token=token)
        demand(reply.body.strip() == b'{"errors":["permission denied"]}', str(reply.body))
    bao.stop()


def openbao_seals_too(instance: Instance) -> None:
    """A server that is no dev server, sealed; and only known software is started."""
    made = instance.control("POST", "vaults", {"software": "openbao", "state": "sealed"})
    expect(http_call(made["address"], "GET", "/v1/sys/health"), 503, '"sealed":true')
    instance.control("DELETE", f"vaults/{made['id']}")


def _client_token(reply: Reply) -> str:
    expect(reply, 200)
    return str(json.loads(reply.body)["auth"]["client_token"])


PROOFS = [openbao_is_what_answers, openbao_logs_in_through_sts, openbao_namespaces_are_real,
          openbao_says_little_of_a_bad_token, openbao_seals_too]
