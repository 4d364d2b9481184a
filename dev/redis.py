"""A private Redis: a cache, so it writes nothing to disk."""

import redis

from dev.layout import write_private
from dev.programs import Plan, Program


def program(plan: Plan) -> Program:
    folder = plan.state.data / "redis"
    return Program(
        name="redis",
        command=("redis-server", str(folder / "redis.conf")),
        directory=folder,
        prepare=lambda: write_settings(plan),
        ready=lambda: check(plan),
    )


def url(plan: Plan) -> str:
    return f"redis://:{plan.secrets['redis']}@127.0.0.1:{plan.ports['redis']}/0"


def write_settings(plan: Plan) -> None:
    folder = plan.state.data / "redis"
    folder.mkdir(exist_ok=True)
    write_private(folder / "redis.conf", settings(plan))


def settings(plan: Plan) -> str:
    return f"""\
bind 127.0.0.1
port {plan.ports["redis"]}
requirepass {plan.secrets["redis"]}
daemonize no
save ""
appendonly no
maxmemory 256mb
maxmemory-policy allkeys-lru
"""


def check(plan: Plan) -> None:
    with redis.Redis.from_url(url(plan), socket_timeout=2) as client:
        client.ping()
