"""The S3 bucket that holds the bytes."""

import asyncio
import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.datatypes import Part, PostPolicy
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from prometheus_client import Counter

from chassis.errors import Unavailable
from chassis.logging import get_logger
from files.config import Config

T = TypeVar("T")
# What minio calls the value of a header or a query parameter.
_Values = str | list[str] | tuple[str]

log = get_logger(__name__)

STORAGE_FAILURES = Counter("homeroom_storage_failures_total", "Calls of the object store that failed", ["call"])

ALLOWED_FOR = timedelta(hours=1)
_READ_FOR = timedelta(minutes=5)
_CONNECT_SECONDS = 2.0
_READ_SECONDS = 5.0
_CALL_SECONDS = 6.0
_PROBE_SECONDS = 3.0
_CHUNK = 1024 * 1024
_NOTHING_THERE = {"NoSuchKey", "NoSuchUpload"}
_THUMBNAIL = ".thumbnail"


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as the bucket lists it."""

    key: str
    modified: datetime


def key_of(school_id: object, file_id: object) -> str:
    """Where the bytes of a file are."""
    return f"{school_id}/{file_id}"


def thumbnail_key(key: str) -> str:
    """Where the picture of a file is."""
    return key + _THUMBNAIL


class Storage:
    """One bucket; the client works in threads, never on the event loop.

    Signing needs no connection. Every other call raises Unavailable when the store is away, slow or in error.
    """

    def __init__(self, config: Config) -> None:
        endpoint = urlsplit(config.s3_endpoint)
        self._bucket = config.s3_bucket
        self._threads = ThreadPoolExecutor(16, "storage")
        self._client = Minio(
            endpoint.netloc,
            access_key=config.s3_access_key.get_secret_value(),
            secret_key=config.s3_secret_key.get_secret_value(),
            secure=endpoint.scheme == "https",
            region=config.s3_region,
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS), retries=False, maxsize=16
            ),
        )
        # The gateway has one address for the bucket, whoever runs the store.
        self._client.disable_virtual_style_endpoint()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def reachable(self) -> bool:
        """Whether the bucket answers."""
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                return await self._call("probe", lambda: bool(self._client.bucket_exists(self._bucket)))
        except (Unavailable, TimeoutError):
            return False

    # --- Permissions: signed here, used through the gateway ----------------------------------------------

    def form(self, key: str, content_type: str, size: int, sha256: str) -> dict[str, str]:
        """The fields of a form that may store exactly these bytes under this key; the file itself comes last."""
        fields = {
            "key": key,
            "Content-Type": content_type,
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(sha256)).decode(),
        }
        policy = PostPolicy(self._bucket, datetime.now(UTC) + ALLOWED_FOR)
        for name, value in fields.items():
            policy.add_equals_condition(name, value)
        policy.add_content_length_range_condition(size, size)
        return fields | self._client.presigned_post_policy(policy)

    @property
    def form_url(self) -> str:
        """Where such a form is posted."""
        return f"/blobs/{self._bucket}"

    def part_url(self, key: str, multipart_id: str, number: int) -> str:
        """Where one part is put."""
        query: dict[str, _Values] = {"partNumber": str(number), "uploadId": multipart_id}
        return "/blobs" + self._signed("PUT", key, ALLOWED_FOR, query)

    def location(self, key: str) -> str:
        """What the gateway reads from, as the value of X-Accel-Redirect."""
        return "/_s3" + self._signed("GET", key, _READ_FOR)

    def _signed(self, method: str, key: str, lifetime: timedelta, query: dict[str, _Values] | None = None) -> str:
        url = urlsplit(
            self._client.get_presigned_url(method, self._bucket, key, expires=lifetime, extra_query_params=query)
        )
        return f"{url.path}?{url.query}"

    # --- Uploads in parts ----------------------------------------------------------------------------------

    async def begin_parts(self, key: str, content_type: str) -> str:
        """The store's id of a new upload in parts."""
        headers: dict[str, _Values] = {"Content-Type": content_type}
        return await self._call(
            "begin_parts", lambda: str(self._client._create_multipart_upload(self._bucket, key, headers))
        )

    async def parts(self, key: str, multipart_id: str) -> list[Part] | None:
        """The parts that have arrived, by number; None when the store knows no such upload (any more)."""
        return await self._call("list_parts", lambda: _if_there(lambda: self._list_parts(key, multipart_id)))

    def _list_parts(self, key: str, multipart_id: str) -> list[Part]:
        found: list[Part] = []
        while True:
            marker = str(found[-1].part_number) if found else None
            page = self._client._list_parts(self._bucket, key, multipart_id, part_number_marker=marker)
            found += page.parts
            if not page.is_truncated or not page.parts:
                return found

    async def join_parts(self, key: str, multipart_id: str, parts: Sequence[Part]) -> None:
        """Make them one object; parts that are not there (any more), as somebody joined them, are no error."""
        join = self._client._complete_multipart_upload
        await self._call("join_parts", lambda: _if_there(lambda: join(self._bucket, key, multipart_id, list(parts))))

    async def abandon_parts(self, key: str, multipart_id: str) -> None:
        """Forget an upload in parts; one that is not there is no error."""
        abandon = self._client._abort_multipart_upload
        await self._call("abandon_parts", lambda: _if_there(lambda: abandon(self._bucket, key, multipart_id)))

    async def begun_parts(self) -> list[tuple[str, str, datetime]]:
        """Up to 1000 unfinished uploads in parts: key, id, beginning."""
        found = await self._call("list_uploads", lambda: self._client._list_multipart_uploads(self._bucket))
        return [
            (item.object_name, item.upload_id, item.initiated_time)
            for item in found.uploads
            if item.upload_id and item.initiated_time
        ]

    # --- Objects -----------------------------------------------------------------------------------------------

    async def size(self, key: str) -> int | None:
        """In bytes; None when there is no such object."""
        found = await self._call("stat", lambda: _if_there(lambda: self._client.stat_object(self._bucket, key)))
        return None if found is None else found.size

    async def fetch(self, key: str, path: Path) -> str | None:
        """Write an object to a file; its SHA-256, None when there is no such object."""
        return await self._call("fetch", lambda: _if_there(lambda: self._fetch(key, path)), seconds=None)

    def _fetch(self, key: str, path: Path) -> str:
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for chunk in self.chunks(key):
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()

    def chunks(self, key: str) -> Iterator[bytes]:
        """The bytes of an object as they are stored, whatever encoding an uploader called them; read in a thread."""
        answer = self._client.get_object(self._bucket, key)
        try:
            yield from answer.stream(_CHUNK, decode_content=False)
        finally:
            answer.close()
            answer.release_conn()

    async def store(self, key: str, path: Path, content_type: str) -> None:
        """Put a small file."""
        await self._call(
            "store", lambda: self._client.fput_object(self._bucket, key, str(path), content_type=content_type)
        )

    async def remove(self, keys: Sequence[str]) -> None:
        """Remove objects; one that is not there is no error."""
        await self._call("remove", lambda: self._remove(keys))

    def _remove(self, keys: Sequence[str]) -> None:
        for error in self._client.remove_objects(self._bucket, [DeleteObject(key) for key in keys]):
            raise MinioException(f"{error.code}: {error.message}")

    async def listed(self, after: str | None, limit: int) -> list[Stored]:
        """Objects in order of their keys."""
        return await self._call("list", lambda: self._listed(after, limit))

    def _listed(self, after: str | None, limit: int) -> list[Stored]:
        listing = self._client.list_objects(self._bucket, recursive=True, start_after=after)
        return [
            Stored(item.object_name, item.last_modified)
            for item, _ in zip(listing, range(limit), strict=False)
            if item.object_name and item.last_modified
        ]

    async def _call(self, name: str, work: Callable[[], T], seconds: float | None = _CALL_SECONDS) -> T:
        """Do it in a thread."""
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            STORAGE_FAILURES.labels(name).inc()
            log.warning("storage_failed", call=name, error=repr(error))
            raise Unavailable(
                "The file store does not answer; try again shortly.", retry_after=5, code="storage_unavailable"
            ) from error


def _if_there(work: Callable[[], T]) -> T | None:
    """None when the object or the upload is not there."""
    try:
        return work()
    except S3Error as error:
        if error.code in _NOTHING_THERE:
            return None
        raise
