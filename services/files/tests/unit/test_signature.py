"""A signed read is the one that the store's own client makes."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st
from minio import Minio

from files.signature import ReadSigner

TIMES = st.integers(1_600_000_000, 2_200_000_000)
KEYS = st.text("0123456789abcdef-./ äß%&+~", min_size=1, max_size=40).filter(lambda key: key.strip("./ "))
SECRETS = st.text("abcXYZ019+/=", min_size=1, max_size=40)


@given(key=KEYS, at=TIMES, seconds=st.integers(1, 604_800), access=SECRETS, secret=SECRETS)
def test_it_signs_as_the_client_does(key: str, at: int, seconds: int, access: str, secret: str) -> None:
    host, region, bucket = "store.example:9000", "eu-central-1", "homeroom-files"
    client = Minio(host, access_key=access, secret_key=secret, secure=False, region=region)
    signer = ReadSigner(host=host, region=region, bucket=bucket, access_key=access, secret_key=secret)
    expires = timedelta(seconds=seconds)
    signed = client.get_presigned_url("GET", bucket, key, expires=expires, request_date=datetime.fromtimestamp(at, UTC))
    url = urlsplit(signed)
    assert signer.target(key, at, seconds) == f"{url.path}?{url.query}"
