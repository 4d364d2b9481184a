"""Reading an object by a signed URL (AWS Signature Version 4), as `minio` signs it, with the day's key kept.

A download is little else than this signature, and the key takes most of it.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


class ReadSigner:
    """Signs for one bucket, addressed by its path."""

    def __init__(self, *, host: str, region: str, bucket: str, access_key: str, secret_key: str) -> None:
        self._host = host
        self._region = region
        self._bucket = bucket
        self._access_key = access_key
        self._secret_key = secret_key
        self._key_of_day = lru_cache(maxsize=2)(self._derived)
        self._head_of_second = lru_cache(maxsize=2)(self._head)

    def target(self, key: str, at: int, seconds: int) -> str:
        """Path and query that give the object until `seconds` after `at` (a time of the epoch)."""
        path = f"/{self._bucket}/{quote(key)}"
        day, head, credential = self._head_of_second(at)
        query = f"{credential}&X-Amz-Expires={seconds}&X-Amz-SignedHeaders=host"
        canonical = f"GET\n{path}\n{query}\nhost:{self._host}\n\nhost\nUNSIGNED-PAYLOAD"
        text = head + hashlib.sha256(canonical.encode()).hexdigest()
        return f"{path}?{query}&X-Amz-Signature={_mac(self._key_of_day(day), text).hex()}"

    def _head(self, at: int) -> tuple[str, str, str]:
        """What the signatures of a second share: the day, the head of what is signed, how the query begins."""
        time = f"{datetime.fromtimestamp(at, UTC):%Y%m%dT%H%M%SZ}"
        scope = f"{time[:8]}/{self._region}/s3/aws4_request"
        who = quote(f"{self._access_key}/{scope}", safe="")
        credential = f"X-Amz-Algorithm={_ALGORITHM}&X-Amz-Credential={who}&X-Amz-Date={time}"
        return time[:8], f"{_ALGORITHM}\n{time}\n{scope}\n", credential

    def _derived(self, day: str) -> bytes:
        key = f"AWS4{self._secret_key}".encode()
        for part in (day, self._region, "s3", "aws4_request"):
            key = _mac(key, part)
        return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
