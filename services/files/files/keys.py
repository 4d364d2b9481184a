"""The typed keys of what only the files service has."""

from aiohttp import web

from files.config import Config
from files.storage import Storage

SETTINGS = web.AppKey("settings", Config)
STORAGE = web.AppKey("storage", Storage)
