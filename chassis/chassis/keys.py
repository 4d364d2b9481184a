"""The typed keys under which a service's shared resources live in its application."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from chassis.bus import Bus
from chassis.cache import Cache
from chassis.config import Config
from chassis.db import Database
from chassis.identity import Identity, Verifier
from chassis.waiting import Waits

if TYPE_CHECKING:
    from chassis.realtime.hub import Sockets

CONFIG = web.AppKey("config", Config)
DB = web.AppKey("db", Database)
CACHE = web.AppKey("cache", Cache)
BUS = web.AppKey("bus", Bus)
VERIFIER = web.AppKey("verifier", Verifier)
READY_CHECKS = web.AppKey("ready_checks", dict[str, Callable[[], Awaitable[bool]]])
WAITS = web.AppKey("waits", Waits)
SOCKETS: "web.AppKey[Sockets]" = web.AppKey("sockets")
IDENTITY = web.RequestKey("identity", Identity)
