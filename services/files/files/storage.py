"""The S3 bucket that holds the bytes."""

import asyncio
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException

from chassis.logging import get_logger
from files.config import Config

log = get_logger(__name__)

_SECONDS = 2.0


class Storage:
    """One bucket; the client works in threads, never on the event loop."""

    def __init__(self, config: Config) -> None:
        endpoint = urlsplit(config.s3_endpoint)
        self._bucket = config.s3_bucket
        self._client = Minio(
            endpoint.netloc,
            access_key=config.s3_access_key.get_secret_value(),
            secret_key=config.s3_secret_key.get_secret_value(),
            secure=endpoint.scheme == "https",
            region=config.s3_region,
            http_client=urllib3.PoolManager(timeout=_SECONDS, retries=False),
        )

    async def reachable(self) -> bool:
        """Whether the bucket answers."""
        try:
            return bool(await asyncio.to_thread(self._client.bucket_exists, self._bucket))
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            log.warning("storage_away", error=str(error))
            return False
