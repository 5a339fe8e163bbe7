"""Proofs about AWS: the front, STS and IAM behind it, instance metadata."""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from typing import Any

from .policies import allow, ec2_trust
from .proving import Instance, Keys, demand, expect, http_call, imds_get, read, refusal
from .web import Reply, address_of

REGIONAL = "sts.us-east-1.amazonaws.com"


def aws_cli_is_the_operator(instance: Instance) -> None:
    """The real aws command, through the front with the test CA, is the operator."""
    done = subprocess.run([instance.exports["VAULTIAM_AWS_CLI"], "sts", "get-caller-identity", "--query", "Arn"],
                          env=instance.exports, capture_output=True, text=True, check=True)
    demand(json.loads(done.stdout) == "arn:aws:iam::123456789012:user/operator", done.stdout)


def wrong_region_is_refused(instance: Instance) -> None:
    """A signature for another region is refused in AWS's words, the right region is not."""
    for host, region in (("sts.amazonaws.com", "us-east-1"), (REGIONAL, "us-east-1"),
                         ("sts.eu-west-1.amazonaws.com", "eu-west-1")):
        expect(instance.aws(instance.operator, host, "GetCallerIdentity", region), 200, "user/operator")
    for host, region in (("sts.amazonaws.com", "eu-west-1"), ("sts.eu-west-1.amazonaws.com", "us-east-1")):
        reply = instance.aws(instance.operator, host, "GetCallerIdentity", region)
        expect(reply, 403, "<Code>SignatureDoesNotMatch</Code>",
               f"Credential should be scoped to a valid region, not '{region}'. <")
        demand(reply.header("Content-Type") == "text/xml" and reply.header("x-amzn-RequestId"), str(reply.headers))


def untrusted_caller_is_refused(instance: Instance) -> None:
    """The trust policy decides: the operator may do anything, yet not assume VaultRole."""
    reply = instance.aws(instance.operator, REGIONAL, "AssumeRole", RoleSessionName="proof",
                         RoleArn="arn:aws:iam::123456789012:role/VaultRole")
    expect(reply, 403, "<Code>AccessDenied</Code>", "user/operator is not authorized to perform: sts:AssumeRole")


def wrong_secret_is_refused(instance: Instance) -> None:
    """Signatures are verified."""
    reply = instance.aws(Keys(instance.operator.access, "w" * 40), REGIONAL, "GetCallerIdentity")
    expect(reply, 403, "<Code>SignatureDoesNotMatch</Code>")
    reply = instance.aws(Keys("AKIAIOSFODNN7EXAMPLE", "w" * 40), REGIONAL, "GetCallerIdentity")
    expect(reply, 403, "<Code>InvalidClientTokenId</Code>")


def nothing_leaves_the_machine(instance: Instance) -> None:
    """The front takes AWS's existing hosts and loopback, nothing else."""
    def call(host: str) -> object:
        return instance.through_front(host, "GET", {}, b"")
    demand("403" in refusal(lambda: call("example.com")), "example.com")
    demand("403" in refusal(lambda: call("amazonaws.com.example.com")), "a host that only looks like AWS's")
    demand("502" in refusal(lambda: call("sts.us-esat-1.amazonaws.com")), "a region that does not exist")
    reply = http_call(instance.exports["HTTPS_PROXY"], "GET", "http://example.com/")
    expect(reply, 403, "nothing leaves")
    expect(http_call(instance.exports["HTTPS_PROXY"], "GET", f"{instance.exports['VAULT_ADDR']}/v1/sys/health"), 200)


def every_partition_has_hosts(instance: Instance) -> None:
    """Hosts of the other partitions are played too."""
    for host, region in (("sts.cn-north-1.amazonaws.com.cn", "cn-north-1"),
                         ("sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
                         ("sts.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1")):
        expect(instance.aws(instance.operator, host, "GetCallerIdentity", region), 200)


def rules_do_what_they_say(instance: Instance) -> None:
    """Canned refusals, counts, delays, other words, a web page, a dropped connection."""
    def told(do: dict[str, Any], **more: object) -> str:
        return str(instance.control("POST", "rules", {"match": {"account": "555566667777"}, "do": do, **more})["id"])

    def ask() -> Reply:
        return instance.aws(Keys("555566667777", "test"), REGIONAL, "GetCallerIdentity")

    rule = told({"answer": "throttling"}, skip=1, times=2)
    demand([ask().status for _ in range(4)] == [200, 400, 400, 200], "skip and times")
    instance.control("DELETE", f"rules/{rule}")
    expired = {"status": 403, "code": "ExpiredToken", "message": "a < b"}
    for do, status, words in (({"answer": "unavailable"}, 503, "ServiceUnavailable"), ({"html": 200}, 200, "Sign in"),
                              ({"error": expired}, 403, "a &lt; b")):
        rule = told(do)
        expect(ask(), status, words)
        instance.control("DELETE", f"rules/{rule}")
    rule = told({"drop": True})
    demand(refusal(ask), "a dropped connection")
    instance.control("DELETE", f"rules/{rule}")
    rule = told({"delay_ms": 300})
    start = time.monotonic()
    expect(ask(), 200)
    demand(time.monotonic() - start >= 0.3, "the delay")
    instance.control("DELETE", f"rules/{rule}")


def words_can_be_other_words(instance: Instance) -> None:
    """Rewording changes the English and nothing that decides."""
    match = {"account": "123456789012", "action": "GetRole", "role_name": "NoSuchRole"}
    rule = instance.control("POST", "rules", {"match": match, "do": {"reword": True}})["id"]
    reply = instance.aws(instance.operator, "iam.amazonaws.com", "GetRole", RoleName="NoSuchRole")
    instance.control("DELETE", f"rules/{rule}")
    expect(reply, 404, "<Code>NoSuchEntity</Code>", "<Message>")
    demand(b"not found" not in reply.body and b"cannot be found" not in reply.body, reply.body.decode())


def front_log_is_complete_and_clean(instance: Instance) -> None:
    """The access log tells what was asked and holds no secret."""
    marker = instance.control("GET", "log/front?since=0&account=none")["next"]
    reply = instance.aws(instance.operator, REGIONAL, "AssumeRole", RoleSessionName="proof", DurationSeconds="900",
                         RoleArn="arn:aws:iam::123456789012:role/None", Policy=allow("*", "*"))
    (entry,) = instance.control("GET", f"log/front?since={marker}&action=AssumeRole")["entries"]
    demand(entry["status"] == 403 and entry["code"] == "AccessDenied" and entry["account"] == "123456789012"
           and entry["policy"] is True and entry["duration"] == "900" and entry["role_arn"].endswith("role/None")
           and entry["request_id"] == reply.header("x-amzn-RequestId"), str(entry))
    log = read(instance.exports["VAULTIAM_FRONT_LOG"])
    demand(instance.operator.secret not in log and "Signature=" not in log, "a secret in the log")


def metadata_plays_ec2(instance: Instance) -> None:
    """IMDSv2: token first; no profile, an untrusting role, silence and refusal as on EC2."""
    made = instance.control("POST", "imds", {"account": "123456789012", "instance_id": "i-0aaaaaaaaaaaaaaaa"})
    name, endpoint = made["id"], str(made["endpoint"])
    roles = "iam/security-credentials/"
    expect(http_call(endpoint, "GET", f"/latest/meta-data/{roles}"), 401)
    expect(http_call(endpoint, "PUT", "/latest/api/token"), 400)
    expect(imds_get(endpoint, roles), 404)
    instance.control("PATCH", f"imds/{name}", {"profile": "KongRole"})
    expect(imds_get(endpoint, roles), 200, "KongRole")
    expect(imds_get(endpoint, "placement/region"), 200, "us-east-1")
    keys = instance.imds_keys(endpoint)
    expect(instance.aws(keys, REGIONAL, "GetCallerIdentity"), 200, "assumed-role/KongRole/i-0aaaaaaaaaaaaaaaa")
    for action, parameters in (
            ("CreateRole", {"AssumeRolePolicyDocument": ec2_trust().replace("ec2.", "lambda.")}),
            ("CreateInstanceProfile", {"InstanceProfileName": "Untrusting"}),
            ("AddRoleToInstanceProfile", {"InstanceProfileName": "Untrusting"})):
        named = {} if action == "CreateInstanceProfile" else {"RoleName": "Untrusting"}
        expect(instance.aws(instance.operator, "iam.amazonaws.com", action, **named, **parameters), 200)
    instance.control("PATCH", f"imds/{name}", {"profile": "Untrusting"})
    expect(imds_get(endpoint, f"{roles}Untrusting"), 200, "AssumeRoleUnauthorizedAccess")
    instance.control("PATCH", f"imds/{name}", {"mode": "disabled"})
    expect(http_call(endpoint, "PUT", "/latest/api/token"), 403)
    instance.control("PATCH", f"imds/{name}", {"mode": "silent"})
    demand("timed out" in refusal(lambda: http_call(endpoint, "PUT", "/latest/api/token", timeout=0.3)), "silence")
    instance.control("DELETE", f"imds/{name}")


def a_container_has_its_role(instance: Instance) -> None:
    """A task's endpoint: its own token, a trust that names the service, then keys of the role."""
    for role, trust in (("TaskRole", ec2_trust().replace("ec2.", "ecs-tasks.")), ("InstanceRole", ec2_trust())):
        expect(instance.aws(instance.operator, "iam.amazonaws.com", "CreateRole", RoleName=role,
                            AssumeRolePolicyDocument=trust), 200)
    made = instance.control("POST", "containers", {"account": "123456789012", "role": "InstanceRole", "token": "t"})
    name, endpoint = f"containers/{made['id']}", str(made["endpoint"])
    expect(http_call(endpoint, "GET", "/creds"), 401)
    expect(http_call(endpoint, "GET", "/creds", {"Authorization": "t"}), 403)
    instance.control("PATCH", name, {"role": "TaskRole"})
    found = json.loads(http_call(endpoint, "GET", "/creds", {"Authorization": "t"}).body)
    keys = Keys(found["AccessKeyId"], found["SecretAccessKey"], found["Token"])
    expect(instance.aws(keys, REGIONAL, "GetCallerIdentity"), 200, "assumed-role/TaskRole/ecs")
    instance.control("DELETE", name)


def sso_is_played(instance: Instance) -> None:
    """The stand-in for IAM Identity Center answers as its portal, and to nobody who is not logged in."""
    portal = "portal.sso.us-east-1.amazonaws.com"
    expect(instance.through_front(portal, "GET", {}, b"", path="/federation/credentials"), 401, "Session token")
    expect(instance.through_front(portal, "GET", {}, b""), 404)
    demand("502" in refusal(lambda: instance.through_front("portal.sso.us-esat-1.amazonaws.com", "GET", {}, b"")),
           "a portal in a region that does not exist")


def loopback_is_tunnelled(instance: Instance) -> None:
    """The front also works as the proxy in front of a Vault."""
    connection = http.client.HTTPConnection(*address_of(instance.exports["HTTPS_PROXY"]), timeout=10)
    connection.set_tunnel(*address_of(instance.exports["VAULT_ADDR"]))
    connection.request("GET", "/v1/sys/health")
    demand(connection.getresponse().status == 200, "tunnel to Vault")
    connection.close()


PROOFS = [aws_cli_is_the_operator, wrong_region_is_refused, untrusted_caller_is_refused, wrong_secret_is_refused,
          nothing_leaves_the_machine, every_partition_has_hosts, rules_do_what_they_say, words_can_be_other_words,
          front_log_is_complete_and_clean, metadata_plays_ec2, a_container_has_its_role, sso_is_played,
          loopback_is_tunnelled]
