"""The typed keys of what only the files service has."""

from aiohttp import web

from files.config import Config

SETTINGS = web.AppKey("settings", Config)
