"""`/feed`."""

from functools import partial

from aiohttp import web

from chassis.api import Api
from chassis.errors import UpgradeRequired
from chassis.identity import Identity
from chassis.realtime.frames import Refresh
from chassis.realtime.sockets import accept
from classroom.feed import wire
from classroom.feed.feed import Feed
from classroom.feed.follower import FeedSocket, Follower
from classroom.feed.keys import FEED

api = Api("classroom", "Classroom")


@api.get("/feed", summary="Follow what changes in the store (WebSocket)", status=101, errors=(UpgradeRequired,))
async def follow(request: web.Request, identity: Identity) -> web.StreamResponse:
    """For an open page. What is said on it: docs/feed-protocol.md."""
    feed = request.app[FEED]

    async def run(socket: FeedSocket) -> None:
        with feed.following(socket) as follower:
            await socket.hear(partial(_take, feed, follower))

    return accept(request, identity, wire.CLIENT_IN, run)


def _take(feed: Feed, follower: Follower, frame: wire.Have | Refresh) -> None:
    if isinstance(frame, wire.Have):
        follower.claim(frame.versions)
        if not frame.more:
            feed.start(follower)
