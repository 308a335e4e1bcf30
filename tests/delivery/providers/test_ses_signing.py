"""What we sign is understood by moto, which reckons signatures as Amazon does.

moto knows no SendBulkEmail, and of requests without a body it signs something else, so what is
posted here is another call of the same API.
"""

import json

import pytest
import requests
from botocore.session import get_session
from moto.server import ThreadedMotoServer

from delivery.providers.ses_signing import signer

REGION = "eu-central-1"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture(scope="module")
def amazon():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def access_key(amazon):
    """The id and the secret of a user who may do everything; from now on signatures are checked."""
    client = get_session().create_client(
        "iam",
        region_name=REGION,
        endpoint_url=amazon,
        aws_access_key_id="root",
        aws_secret_access_key="root",
    )
    client.create_user(UserName="news")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [EVERYTHING]})
    client.put_user_policy(UserName="news", PolicyName="all", PolicyDocument=policy)
    made = client.create_access_key(UserName="news")["AccessKey"]
    client.close()
    requests.post(f"{amazon}/moto-api/reset-auth", data=b"0", timeout=5)
    yield made["AccessKeyId"], made["SecretAccessKey"]
    requests.post(f"{amazon}/moto-api/reset-auth", data=b"inf", timeout=5)


def create_identity(amazon: str, user: str, key: str) -> requests.Response:
    body = json.dumps({"EmailIdentity": f"{key[:4].lower()}@clinic.example"})
    address = f"{amazon}/v2/email/identities"
    return requests.post(address, data=body, auth=signer(user, key, REGION), timeout=5)


def test_a_request_signed_by_the_secret_is_taken(amazon, access_key):
    answer = create_identity(amazon, *access_key)
    assert answer.status_code == 200
    assert answer.json()["IdentityType"] == "EMAIL_ADDRESS"


def test_a_request_signed_by_another_secret_is_not(amazon, access_key):
    answer = create_identity(amazon, access_key[0], "another secret")
    assert answer.status_code == 403
    assert "SignatureDoesNotMatch" in answer.text
