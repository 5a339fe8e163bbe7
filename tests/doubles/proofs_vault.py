"""Proofs about Vault: the login chain, its own identity, its listeners, the things in front of it."""

from __future__ import annotations

import json
import ssl
import time
from functools import partial

from .policies import allow, role_arn
from .proving import Instance, demand, expect, http_call, refusal, servers
from .web import Reply

MAIN = "123456789012"


def role_write_needs_an_identity(instance: Instance) -> None:
    """Vault without an instance profile has no AWS credentials, and says so. (Runs before `article`.)"""
    expect(instance.vault("POST", "sys/auth/early", {"type": "aws"}), 204)
    reply = instance.vault("POST", "auth/early/role/r", {"auth_type": "iam",
                                                         "bound_iam_principal_arn": role_arn(MAIN, "VaultRole")})
    expect(reply, 400, "NoCredentialProviders")


def article_twice(instance: Instance) -> None:
    """`article` puts the state in place with aws and vault; a second run finds it."""
    for _ in range(2):
        done = servers("article", "--json", environment={**instance.exports, "PATH": "/usr/bin:/bin"})
        demand(done.returncode == 0, done.stderr)
        demand(json.loads(done.stdout)["login_role_arn"] == role_arn(MAIN, "VaultRole"), done.stdout)


def the_whole_chain(instance: Instance) -> None:
    """KongRole's metadata keys, VaultRole, botocore's signed request, a token, the secret; Vault holds no keys."""
    config = json.loads(instance.vault("GET", "auth/aws/config/client").body)["data"]
    demand(config["access_key"] == "" and config["use_sts_region_from_client"] is True, str(config))
    kong = instance.imds_keys(instance.exports["AWS_EC2_METADATA_SERVICE_ENDPOINT"])
    reply = instance.login(instance.assume(kong, role_arn(MAIN, "VaultRole")))
    expect(reply, 200)
    auth = json.loads(reply.body)["auth"]
    demand(auth["token_policies"] == ["default", "kong-policy"], str(auth["token_policies"]))
    demand(auth["lease_duration"] == 3600, str(auth["lease_duration"]))
    token = auth["client_token"]
    expect(instance.vault("GET", "kv/data/kong/db-password", token=token), 200, "s3cr3t-from-vault")
    expect(instance.vault("GET", "kv/data/other", token=token), 403, "permission denied")
    expect(instance.login(kong), 400, "does not belong to the role")


def accounts_are_isolated(instance: Instance) -> None:
    """Another account has the same state on mounts of its own, quickly, and its role is not the main one's."""
    start = time.monotonic()
    made = instance.control("POST", "article", {"account": "111122223333"})
    demand(time.monotonic() - start < 3, "slow article")
    again = instance.control("POST", "article", {"account": "111122223333"})
    demand(again == made, "a second article differs")
    keys = instance.assume(instance.imds_keys(made["imds"]["endpoint"]), made["login_role_arn"])
    expect(instance.login(keys, mount=made["auth_mount"]), 200, made["policy"])
    expect(instance.login(keys, mount="aws"), 400, "does not belong to the role")


def every_region_pairing(instance: Instance) -> None:
    """Vault's three STS modes against two signing regions: only what AWS would take is taken."""
    made = instance.control("POST", "article", {"account": "111122224444"})
    keys = instance.assume(instance.imds_keys(made["imds"]["endpoint"]), made["login_role_arn"])
    mount = made["auth_mount"]
    modes = {
        "client": ({"sts_endpoint": "", "sts_region": "", "use_sts_region_from_client": True},
                   {"us-east-1", "eu-west-1"}),
        "regional": ({"sts_endpoint": "https://sts.eu-west-1.amazonaws.com", "sts_region": "eu-west-1",
                      "use_sts_region_from_client": False}, {"eu-west-1"}),
        "global": ({"sts_endpoint": "", "sts_region": "", "use_sts_region_from_client": False}, {"us-east-1"}),
    }
    for mode, (config, good) in modes.items():
        expect(instance.vault("POST", f"auth/{mount}/config/client", config), 204)
        for region in ("us-east-1", "eu-west-1"):
            reply = instance.login(keys, mount, host=f"sts.{region}.amazonaws.com", region=region)
            if region in good:
                demand(reply.status == 200, f"{mode}, {region}: {reply.body!r}")
            else:
                expect(reply, 400, "received error code 403 from STS", "valid region")


def listeners_are_as_they_should_be_wrong(instance: Instance) -> None:
    """TLS: good, expired, wrong name, client certificate wanted, a CA that does not fit; and one behind a balancer."""
    def health(name: str, ca: str = "VAULTIAM_VAULT_CA", client: bool = False) -> Reply:
        trust = ssl.create_default_context(cafile=instance.exports[ca])
        if client:
            trust.load_cert_chain(instance.exports["VAULTIAM_VAULT_CLIENT_CERT"],
                                  instance.exports["VAULTIAM_VAULT_CLIENT_KEY"])
        return http_call(instance.exports[name], "GET", "/v1/sys/health", trust=trust)
    expect(health("VAULTIAM_VAULT_TLS"), 200)
    expect(health("VAULTIAM_VAULT_MTLS", client=True), 200)
    demand("expired" in refusal(lambda: health("VAULTIAM_VAULT_EXPIRED")), "expired")
    demand("mismatch" in refusal(lambda: health("VAULTIAM_VAULT_WRONG_NAME")), "wrong name")
    demand("required" in refusal(lambda: health("VAULTIAM_VAULT_MTLS")), "client certificate")
    demand("verify failed" in refusal(lambda: health("VAULTIAM_VAULT_TLS", ca="VAULTIAM_OTHER_CA")), "other CA")
    expect(health("VAULTIAM_VAULT_BALANCED"), 400, "x-forwarded-for")
    balanced = http_call(instance.exports["VAULTIAM_VAULT_BALANCED"], "GET", "/v1/sys/health",
                         {"X-Forwarded-For": "10.0.0.1"})
    expect(balanced, 200)


def relays_tell_and_stall(instance: Instance) -> None:
    """A relay passes on, logs openings and requests, rewords, and stalls what it is told to stall."""
    made = instance.control("POST", "relays", {"rules": [
        {"match": {"path": "/v1/absent/.*"}, "do": {"reword": True}},
        {"match": {"path": "/v1/kv/.*"}, "do": {"stall": True}}]})
    admin = {"X-Vault-Token": instance.exports["VAULT_TOKEN"]}
    expect(http_call(made["url"], "GET", "/v1/sys/health"), 200)
    reply = http_call(made["url"], "GET", "/v1/absent/x", admin)
    demand(reply.status == 404 and b"no handler" not in reply.body and b"absent/x" in reply.body, str(reply.body))
    demand("timed out" in refusal(lambda: http_call(made["url"], "GET", "/v1/kv/data/x", admin, timeout=0.3)), "stall")
    entries = instance.control("GET", f"relays/{made['id']}/log")["entries"]
    demand([entry["event"] for entry in entries] == ["open", "request"] * 3, str(entries))
    demand([entry["status"] for entry in entries[1::2]] == [200, 404, None], str(entries))
    instance.control("DELETE", f"relays/{made['id']}")


def other_vaults_and_strangers(instance: Instance) -> None:
    """Sealed, uninitialised and active Vaults on demand; and things that are not Vault."""
    for state, status in (("sealed", 503), ("uninitialised", 501), ("active", 200)):
        made = instance.control("POST", "vaults", {"state": state})
        expect(http_call(made["address"], "GET", "/v1/sys/health"), status)
        instance.control("DELETE", f"vaults/{made['id']}")
        demand(refusal(partial(http_call, made["address"], "GET", "/v1/sys/health")), "still there")
    for kind, status in (("html", 200), ("redirect", 302), ("json", 200)):
        made = instance.control("POST", "strangers", {"kind": kind})
        expect(http_call(made["url"], "GET", "/v1/sys/health"), status)
    for kind, words in (("silent", "timed out"), ("closed", "refused")):
        made = instance.control("POST", "strangers", {"kind": kind})
        demand(words in refusal(partial(http_call, made["url"], "GET", "/", timeout=0.3)), kind)


def requests_are_audited(instance: Instance) -> None:
    """Vault's audit log counts its requests by path."""
    marker = instance.control("GET", "log/vault?path=nothing")["next"]
    instance.vault("GET", "kv/data/kong/db-password")
    entries = instance.control("GET", f"log/vault?since={marker}&path=kv/data/kong/db-password")["entries"]
    demand([entry["type"] for entry in entries] == ["request", "response"], str(entries))
    demand("s3cr3t-from-vault" not in json.dumps(entries), "the audit log is not hashed")


def vault_identity_follows_the_profile(instance: Instance) -> None:
    """Vault has its AWS identity only while an instance profile holds its role, and only that role's rights."""
    def write_role(mount: str) -> Reply:
        expect(instance.vault("POST", f"sys/auth/{mount}", {"type": "aws"}), 204)
        return instance.vault("POST", f"auth/{mount}/role/r", {
            "auth_type": "iam", "bound_iam_principal_arn": role_arn(MAIN, "VaultRole")})

    def iam(action: str, **parameters: str) -> None:
        expect(instance.aws(instance.operator, "iam.amazonaws.com", action, **parameters), 200)

    profile = {"InstanceProfileName": "VaultRole", "RoleName": "VaultRole"}
    policy = {"RoleName": "VaultRole", "PolicyName": "VaultRole"}
    iam("RemoveRoleFromInstanceProfile", **profile)
    expect(write_role("without-profile"), 400, "NoCredentialProviders")
    iam("AddRoleToInstanceProfile", **profile)
    iam("DeleteRolePolicy", **policy)
    expect(write_role("without-right"), 400, "AccessDenied", "iam:GetRole")
    iam("PutRolePolicy", **policy, PolicyDocument=allow("iam:GetRole", role_arn(MAIN, "VaultRole")))
    expect(write_role("granted"), 204)


FIRST = [role_write_needs_an_identity, article_twice]
PROOFS = [the_whole_chain, accounts_are_isolated, every_region_pairing, listeners_are_as_they_should_be_wrong,
          relays_tell_and_stall, other_vaults_and_strangers, requests_are_audited, vault_identity_follows_the_profile]
