"""A private RabbitMQ: its own Erlang port mapper, cookie, node and folders, loopback only."""

from pathlib import Path

from dev.layout import private, write_private
from dev.probe import get, listening
from dev.programs import Plan, Program

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one in sbin insists on its own user
USER = "homeroom"


def programs(plan: Plan) -> tuple[Program, Program]:
    """The port mapper and the broker."""
    folder = plan.state.data / "rabbitmq"
    mapper = Program(
        name="epmd",
        command=("epmd", "-address", "127.0.0.1", "-port", str(plan.ports["epmd"])),
        directory=plan.state.run,
        ready=lambda: listening(plan.ports["epmd"]),
    )
    broker = Program(
        name="rabbitmq",
        command=(str(SERVER),),
        environment=environment(plan, folder),
        directory=plan.state.run,
        stop_seconds=60,
        prepare=lambda: write_settings(plan, folder),
        ready=lambda: check(plan),
    )
    return mapper, broker


def amqp_url(plan: Plan) -> str:
    return f"amqp://{USER}:{plan.secrets['rabbitmq']}@127.0.0.1:{plan.ports['rabbitmq']}/"


def management_url(plan: Plan) -> str:
    return f"http://{USER}:{plan.secrets['rabbitmq']}@127.0.0.1:{plan.ports['rabbitmq-management']}"


def environment(plan: Plan, folder: Path) -> dict[str, str]:
    dist = str(plan.ports["rabbitmq-dist"])
    return {
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(plan.ports["epmd"]),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RUNNING_UNDER_SYSTEMD": "true",  # its script then becomes the Erlang machine instead of waiting for it
        "RABBITMQ_NODENAME": "homeroom@localhost",
        "RABBITMQ_DIST_PORT": dist,
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(plan.state.run / "rabbitmq.pid"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
    }


def write_settings(plan: Plan, folder: Path) -> None:
    """The broker's files. The user is made by the broker itself when its data is new."""
    private(folder)
    cookie = folder / ".erlang.cookie"
    if not cookie.exists():
        write_private(cookie, plan.secrets["erlang-cookie"]).chmod(0o400)
    write_private(folder / "rabbitmq-env.conf", "")
    write_private(folder / "enabled_plugins", "[rabbitmq_management].\n")
    write_private(folder / "rabbitmq.conf", settings(plan))


def settings(plan: Plan) -> str:
    return f"""\
listeners.tcp.1 = 127.0.0.1:{plan.ports["rabbitmq"]}
management.tcp.ip = 127.0.0.1
management.tcp.port = {plan.ports["rabbitmq-management"]}
default_user = {USER}
default_pass = {plan.secrets["rabbitmq"]}
default_user_tags.administrator = true
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
disk_free_limit.absolute = 200MB
log.console = true
log.console.level = info
log.file = false
"""


def check(plan: Plan) -> None:
    listening(plan.ports["rabbitmq"])
    get(f"{management_url(plan)}/api/health/checks/local-alarms")
