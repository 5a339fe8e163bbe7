"""AWS's refusals, word for word, as the Query API sends them."""

from __future__ import annotations

import datetime
import uuid
from typing import Any
from xml.sax.saxutils import escape

from .web import Reply

NAMESPACES = {"sts": "https://sts.amazonaws.com/doc/2011-06-15/", "iam": "https://iam.amazonaws.com/doc/2010-05-08/"}

# name: (status, code, message). Holes are filled from the request.
CANNED = {
    "throttling": (400, "Throttling", "Rate exceeded"),
    "unavailable": (503, "ServiceUnavailable", "Service Unavailable"),
    "internal": (500, "InternalFailure",
                 "We encountered an internal error. Please try again."),
    "invalid_principal": (400, "MalformedPolicyDocument", 'Invalid principal in policy: "AWS":"{principal}"'),
    "duration_max_session": (400, "ValidationError",
                             "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
    "duration_chaining": (400, "ValidationError",
                          "The requested DurationSeconds exceeds the 1 hour session limit for roles "
                          "assumed by role chaining."),
    "duration_too_small": (400, "ValidationError",
                           "1 validation error detected: Value '{duration}' at 'durationSeconds' failed to satisfy "
                           "constraint: Member must have value greater than or equal to 900"),
    "duration_too_big": (400, "ValidationError",
                         "1 validation error detected: Value '{duration}' at 'durationSeconds' failed to satisfy "
                         "constraint: Member must have value less than or equal to 43200"),
    "access_denied": (403, "AccessDenied",
                      "User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"),
    "denied_by_scp": (403, "AccessDenied",
                      "User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn} with an "
                      "explicit deny in a service control policy"),
    "denied_by_rcp": (403, "AccessDenied",
                      "User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn} with an "
                      "explicit deny in a resource control policy"),
    "denied_by_boundary": (403, "AccessDenied",
                           "User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn} "
                           "because no permissions boundary allows the sts:AssumeRole action"),
    "denied_tag_session": (403, "AccessDenied",
                           "User: {caller} is not authorized to perform: sts:TagSession on resource: {role_arn}"),
    "denied_to_root": (403, "AccessDenied", "Roles may not be assumed by root accounts."),
    "expired_token": (403, "ExpiredToken", "The security token included in the request is expired"),
    "invalid_token": (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
    "signature_mismatch": (403, "SignatureDoesNotMatch",
                           "The request signature we calculated does not match the signature you provided. Check "
                           "your AWS Secret Access Key and signing method. Consult the service documentation for "
                           "details."),
    "signature_expired": (403, "SignatureDoesNotMatch",
                          "Signature expired: {signed} is now earlier than {window} ({now} - 15 min.)"),
    "signature_not_yet": (403, "SignatureDoesNotMatch",
                          "Signature not yet current: {signed} is still later than {ahead} ({now} + 5 min.)"),
    "region_disabled": (403, "RegionDisabledException",
                        "STS is not activated in this region for account:{account}. Your account administrator can "
                        "activate STS in this region using the IAM Console."),
    "packed_policy_too_large": (400, "PackedPolicyTooLarge",
                                "Packed policy consumes 105% of allotted space, please use smaller policy."),
}

HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>\n"


def error(service: str, status: int, code: str, message: str) -> Reply:
    """Returns an error as STS and IAM shape it."""
    request_id = str(uuid.uuid4())
    kind = "Receiver" if status >= 500 else "Sender"
    body = (f'<ErrorResponse xmlns="{NAMESPACES.get(service, NAMESPACES["sts"])}">\n  <Error>\n'
            f"    <Type>{kind}</Type>\n    <Code>{code}</Code>\n    <Message>{escape(message)}</Message>\n"
            f"  </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n")
    return Reply(status, body.encode(), [("x-amzn-RequestId", request_id), ("Content-Type", "text/xml")])


def canned(name: str, service: str, facts: dict[str, Any]) -> Reply:
    """Returns one of AWS's literal refusals, its holes filled from the request's facts."""
    status, code, message = CANNED[name]
    now = datetime.datetime.now(datetime.timezone.utc)
    holes = {key: facts.get(key) or "" for key in ("duration", "role_arn", "account", "principal", "caller", "signed")}
    holes["now"] = _stamp(now)
    holes["window"] = _stamp(now - datetime.timedelta(minutes=15))
    holes["ahead"] = _stamp(now + datetime.timedelta(minutes=5))
    return error(service, status, code, message.format(**holes))


def _stamp(moment: datetime.datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")
