"""Does what Kong does with its vault, every value taken from the fields.

Takes a JSON object on stdin: `fields` of the vault, `host` by which references
name it, a `reference`, and the file of authorities (`ca_file`) that Kong trusts
beside the system's, or null. Writes the secret to stdout. Kong's credentials are
those of the machine: botocore finds them where Kong does.
"""

import base64
import json
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

BODY = "Action=GetCallerIdentity&Version=2011-06-15"
KNOWN = {"protocol", "host", "port", "mount", "kv", "namespace", "auth_method", "aws_auth_role", "aws_auth_region",
         "aws_login_path", "aws_sts_endpoint_url", "aws_assume_role_arn", "aws_role_session_name"}


def identity(fields: dict, endpoint: str) -> Credentials:
    """The machine's own credentials, or those of the role that is assumed with them."""
    session = botocore.session.get_session()
    own = session.get_credentials()
    if own.method != "iam-role":
        sys.exit(f"the credentials are not the machine's: {own.method}")
    if "aws_assume_role_arn" not in fields:
        frozen = own.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token)
    sts = session.create_client("sts", region_name=fields["aws_auth_region"], endpoint_url=endpoint)
    got = sts.assume_role(RoleArn=fields["aws_assume_role_arn"],
                          RoleSessionName=fields["aws_role_session_name"])["Credentials"]
    return Credentials(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])


def login_body(fields: dict) -> dict:
    """The signed request, as Vault's login takes it."""
    region = fields["aws_auth_region"]
    endpoint = fields.get("aws_sts_endpoint_url", f"https://sts.{region}.amazonaws.com")
    url = f"{endpoint}/"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
               "Host": urllib.parse.urlsplit(url).netloc}
    request = AWSRequest(method="POST", url=url, data=BODY, headers=headers)
    botocore.auth.SigV4Auth(identity(fields, endpoint), "sts", region).add_auth(request)

    def encoded(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    signed = json.dumps(dict(request.headers.items()))
    return {"role": fields["aws_auth_role"], "iam_http_request_method": "POST", "iam_request_url": encoded(url),
            "iam_request_body": encoded(BODY), "iam_request_headers": encoded(signed)}


def ask(asked: dict, method: str, path: str, token: str | None, body: dict | None) -> dict:
    """One request to Vault."""
    fields = asked["fields"]
    headers = {"Content-Type": "application/json"}
    if "namespace" in fields:
        headers["X-Vault-Namespace"] = fields["namespace"]
    if token:
        headers["X-Vault-Token"] = token
    data = None if body is None else json.dumps(body).encode()
    url = f"{fields['protocol']}://{fields['host']}:{fields['port']}{path}"
    trust = ssl.create_default_context()
    if asked["ca_file"]:
        trust.load_verify_locations(asked["ca_file"])
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust))
    try:
        with opener.open(urllib.request.Request(url, data, headers, method=method), timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit(f"{method} {path}: {error.code} {error.read().decode()}")
    except urllib.error.URLError as error:
        sys.exit(f"{method} {path}: {error.reason}")


def main(asked: dict) -> None:
    fields, reference = asked["fields"], asked["reference"]
    unknown = set(fields) - KNOWN
    if unknown or fields["auth_method"] != "aws_iam":
        sys.exit(f"not fields of Kong's aws_iam: {unknown}")
    if ("aws_assume_role_arn" in fields) != ("aws_role_session_name" in fields):
        sys.exit("Kong takes role and session name together or not at all")
    parsed = urllib.parse.urlsplit(reference.removeprefix("{").removesuffix("}"))
    if parsed.scheme != "vault" or parsed.netloc != asked["host"]:
        sys.exit(f"no reference to the vault {asked['host']}: {reference}")
    *resource, key = (urllib.parse.unquote(part) for part in parsed.path.split("/") if part)
    login_path = fields.get("aws_login_path", "/v1/auth/aws/login")
    token = ask(asked, "POST", login_path, None, login_body(fields))["auth"]["client_token"]
    data = "data/" if fields["kv"] == "v2" else ""
    found = ask(asked, "GET", f"/v1/{fields['mount']}/{data}{'/'.join(resource)}", token, None)["data"]
    secret = found["data"] if fields["kv"] == "v2" else found
    if not isinstance(secret[key], str):
        sys.exit(f"{key} is no string, which Kong refuses")
    sys.stdout.write(secret[key])


main(json.load(sys.stdin))
