"""The typed key under which a process keeps the layouts it has seen."""

from aiohttp import web

from classroom.bootstrap.views import Layouts

LAYOUTS = web.AppKey("layouts", Layouts)
