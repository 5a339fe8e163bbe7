"""Signs the login for Vault's aws auth method with the keys in the environment, as `vault write` reads it."""

import base64
import json
import os

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

URL = "https://sts.us-east-1.amazonaws.com/"
BODY = "Action=GetCallerIdentity&Version=2011-06-15"


def text(value: str) -> str:
    """Returns a text in base64."""
    return base64.b64encode(value.encode()).decode()


keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"],
                   os.environ["AWS_SESSION_TOKEN"])
request = AWSRequest("POST", URL, data=BODY, headers={"Content-Type": "application/x-www-form-urlencoded"})
SigV4Auth(keys, "sts", "us-east-1").add_auth(request)
print(json.dumps({
    "role": "kong-role", "iam_http_request_method": "POST", "iam_request_url": text(URL),
    "iam_request_body": text(BODY), "iam_request_headers": text(json.dumps(dict(request.headers.items())))}))
