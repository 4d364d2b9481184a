"""Reading an object by a signed URL (AWS Signature Version 4), as `minio` signs it, with the day's key kept.

A download is little else than this signature, and the key takes most of it.
"""

import hashlib
import hmac
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"
_CANONICAL = "GET\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"


class ReadSigner:
    """Signs for one bucket, addressed by its path."""

    def __init__(self, *, host: str, region: str, bucket: str, access_key: str, secret_key: str) -> None:
        self._host = host
        self._region = region
        self._bucket = bucket
        self._access_key = access_key
        self._secret_key = secret_key
        self._key_of_day = lru_cache(maxsize=2)(self._derived)

    def target(self, key: str, at: datetime, seconds: int) -> str:
        """Path and query that give the object until `seconds` after `at` (UTC)."""
        time = f"{at:%Y%m%dT%H%M%SZ}"
        scope = f"{time[:8]}/{self._region}/s3/aws4_request"
        path = f"/{self._bucket}/{quote(key)}"
        query = (
            f"X-Amz-Algorithm={_ALGORITHM}&X-Amz-Credential={quote(f'{self._access_key}/{scope}', safe='')}"
            f"&X-Amz-Date={time}&X-Amz-Expires={seconds}&X-Amz-SignedHeaders=host"
        )
        canonical = _CANONICAL.format(path=path, query=query, host=self._host)
        text = f"{_ALGORITHM}\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        return f"{path}?{query}&X-Amz-Signature={_mac(self._key_of_day(time[:8]), text).hex()}"

    def _derived(self, day: str) -> bytes:
        key = f"AWS4{self._secret_key}".encode()
        for part in (day, self._region, "s3", "aws4_request"):
            key = _mac(key, part)
        return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
