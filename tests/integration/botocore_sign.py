"""Signs GetCallerIdentity requests with botocore: the independent opinion.

Reads a JSON list of cases on stdin; writes for each the Authorization header
that botocore computes for the same headers at the same time.
"""

import datetime
import json
import sys

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def authorization(case: dict) -> str:
    """The header for one case: url, region, time, credentials, headers, body."""
    moment = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: moment.replace(tzinfo=None)
    credentials = Credentials(case["key"], case["secret"], case["token"])
    request = AWSRequest(method="POST", url=case["url"], data=case["body"], headers=case["headers"])
    botocore.auth.SigV4Auth(credentials, "sts", case["region"]).add_auth(request)
    return request.headers["Authorization"]


json.dump([authorization(case) for case in json.load(sys.stdin)], sys.stdout)
