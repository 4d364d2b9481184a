"""The typed key under which a process keeps its open pages."""

from aiohttp import web

from classroom.feed.feed import Feed

FEED = web.AppKey("feed", Feed)
