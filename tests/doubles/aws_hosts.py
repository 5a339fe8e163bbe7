"""AWS's host names: which service and region a host stands for, in every partition.

The regions are those of the installed botocore, so a region that AWS does not
have does not resolve here either.
"""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore


@dataclass(frozen=True)
class Endpoint:
    """What a host of AWS is, and the region its requests must be signed for."""

    service: str
    region: str


def is_aws(host: str) -> bool:
    """Says whether a host lies in one of AWS's domains, existing or not."""
    return any(host.endswith("." + suffix) for suffix in _partitions())


def resolve(host: str) -> Endpoint | None:
    """Returns the endpoint behind a host; None where AWS has no such host."""
    for suffix in sorted(_partitions(), key=len, reverse=True):
        if host.endswith("." + suffix):
            return _resolve_in(host[: -len(suffix) - 1], _partitions()[suffix])
    return None


def _resolve_in(labels: str, partition: dict[str, Any]) -> Endpoint | None:
    service, _, region = labels.partition(".")
    if (service, region.partition(".")[0]) == ("portal", "sso"):
        service, region = "portal.sso", region.partition(".")[2]
    service = re.sub(r"-fips$", "", service)
    if region in partition["regions"]:
        return Endpoint(service, region)
    if region == "us-gov" and service == "iam":
        return Endpoint(service, "us-gov-west-1")
    # Only the global endpoints have no region: STS's exists in the first
    # partition alone, and answers as us-east-1.
    if region == "" and (service, partition["id"]) in {("sts", "aws"), ("iam", "aws"), ("iam", "aws-eusc"),
                                                       ("iam", "aws-iso-e"), ("iam", "aws-iso-f")}:
        return Endpoint(service, str(partition["global"]))
    return None


@functools.cache
def _partitions() -> dict[str, dict[str, Any]]:
    """Returns the partitions by DNS suffix; amazonaws.com is shared by two of them."""
    path = Path(botocore.__file__).parent / "data" / "partitions.json"
    found: dict[str, dict[str, Any]] = {}
    for partition in json.loads(path.read_text())["partitions"]:
        outputs = partition["outputs"]
        regions = {name for name in partition["regions"] if not name.endswith("-global")}
        for suffix in (outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]):
            entry = found.setdefault(suffix, {"id": partition["id"], "regions": set(),
                                              "global": outputs["implicitGlobalRegion"]})
            entry["regions"] |= regions
    return found
