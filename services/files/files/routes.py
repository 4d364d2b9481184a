"""The HTTP API of files."""

from collections.abc import Sequence

from aiohttp import web
from pydantic import Field

from chassis.api import Api
from chassis.model import Body
from files.keys import SETTINGS

api = Api("files", title="Homeroom files", description="What may be uploaded.")


class Limits(Body):
    """What may be uploaded."""

    max_bytes: int = Field(description="The largest file")
    types: Sequence[str] = Field(description="The content types")


@api.get("/limits", summary="What may be uploaded")
async def read_limits(request: web.Request) -> Limits:
    """As this installation is configured."""
    settings = request.app[SETTINGS]
    return Limits(max_bytes=settings.upload_max_bytes, types=settings.types)
