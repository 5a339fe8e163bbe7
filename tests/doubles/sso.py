"""A stand-in for IAM Identity Center (AWS SSO), because no server that could be had here does its part.

It plays the two hosts that a client of an existing login asks: `portal.sso.REGION`
gives credentials of a role for an access token, `oidc.REGION` gives a new
access token for a refresh token. The credentials are real ones, of the IAM role
that the account has for the permission set. Logging in with a browser is not played:
the control API makes a login.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from urllib.parse import parse_qs

from .aws_root import Root
from .web import Reply, json_reply

HOSTS = {"portal.sso", "oidc"}
ROLE_PATH = "/aws-reserved/sso.amazonaws.com/"
BEARER = "x-amz-sso_bearer_token"


@dataclass
class Login:
    """Somebody who is logged in, and the one permission set in one account that is assigned."""

    account: str
    permission_set: str
    user: str
    expires: float
    refresh_token: str
    client_id: str
    client_secret: str


class Sso:
    """The logins there are, by access token."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._logins: dict[str, Login] = {}

    def log_in(self, account: str, permission_set: str, user: str, lifetime: int, key: str) -> dict[str, object]:
        """Makes a login and returns the file that `aws sso login` would have put into its cache.

        `key` is what names the file: the sso-session, or the start URL where a profile has none.
        """
        login = Login(account, permission_set, user, time.time() + lifetime, _token("refresh"), _token("client"),
                      _token("secret"))
        access_token = _token("access")
        self._logins[access_token] = login
        return {"file": f"{hashlib.sha1(key.encode()).hexdigest()}.json", "content": {
            "startUrl": "https://example.awsapps.com/start", "region": "us-east-1", "accessToken": access_token,
            "expiresAt": _stamp(login.expires), "clientId": login.client_id, "clientSecret": login.client_secret,
            "registrationExpiresAt": _stamp(time.time() + 86400), "refreshToken": login.refresh_token}}

    def answer(self, service: str, target: str, access_token: str, body: bytes) -> Reply:
        """Answers as one of the two hosts does."""
        path, _, query = target.partition("?")
        if service == "portal.sso" and path == "/federation/credentials":
            wanted = {name: values[0] for name, values in parse_qs(query).items()}
            return self._credentials(wanted, access_token)
        if service == "oidc" and path == "/token":
            return self._renew(json.loads(body))
        return _refuse(404, "ResourceNotFoundException", {"message": f"no such path: {path}"})

    def _credentials(self, wanted: dict[str, str], access_token: str) -> Reply:
        login = self._logins.get(access_token)
        if login is None or login.expires < time.time():
            return _refuse(401, "UnauthorizedException", {"message": "Session token not found or invalid"})
        role = self._role(login)
        if (wanted.get("account_id"), wanted.get("role_name")) != (login.account, login.permission_set) or not role:
            return _refuse(403, "ForbiddenException", {"message": "No access"})
        keys = self._root.call("sts", login.account, "AssumeRole", RoleArn=role, RoleSessionName=login.user)
        field = {found.tag: found.text or "" for found in keys.iter()}
        return json_reply(200, {"roleCredentials": {
            "accessKeyId": field["AccessKeyId"], "secretAccessKey": field["SecretAccessKey"],
            "sessionToken": field["SessionToken"], "expiration": int((time.time() + 3600) * 1000)}})

    def _role(self, login: Login) -> str:
        """Returns the ARN of the role that SSO made of the permission set, or nothing."""
        roles = self._root.call("iam", login.account, "ListRoles", PathPrefix=ROLE_PATH)
        arns = [found.text or "" for found in roles.iter("Arn")]
        prefix = f"role{ROLE_PATH}AWSReservedSSO_{login.permission_set}_"
        return next((arn for arn in arns if prefix in arn), "")

    def _renew(self, wanted: dict[str, str]) -> Reply:
        for old, login in list(self._logins.items()):
            known = (login.client_id, login.client_secret, login.refresh_token)
            if known == (wanted.get("clientId"), wanted.get("clientSecret"), wanted.get("refreshToken")):
                login.expires, login.refresh_token = time.time() + 3600, _token("refresh")
                renewed = _token("access")
                self._logins[renewed] = self._logins.pop(old)
                return json_reply(200, {"accessToken": renewed, "tokenType": "Bearer", "expiresIn": 3600,
                                        "refreshToken": login.refresh_token})
        return _refuse(400, "InvalidGrantException", {"error": "invalid_grant", "error_description": "Invalid grant"})


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _token(kind: str) -> str:
    return f"{kind}-{secrets.token_urlsafe(24)}"


def _refuse(status: int, code: str, document: dict[str, str]) -> Reply:
    reply = json_reply(status, document)
    reply.headers.append(("x-amzn-ErrorType", code))
    return reply
