"""The catcher of the mail that Homeroom sends, readable in the browser."""

from dev.layout import ROOT, VENV
from dev.probe import get, listening
from dev.programs import Plan, Program


def program(plan: Plan) -> Program:
    ports = plan.ports
    return Program(
        name="mail",
        command=(
            str(VENV / "bin" / "python"),
            "-m",
            "dev.mailcatcher",
            f"--folder={plan.state.data / 'mail'}",
            f"--smtp-port={ports['mail-smtp']}",
            f"--web-port={ports['mail-web']}",
        ),
        directory=ROOT,
        ready=lambda: check(plan),
    )


def smtp_url(plan: Plan) -> str:
    return f"smtp://127.0.0.1:{plan.ports['mail-smtp']}"


def web_url(plan: Plan) -> str:
    return f"http://localhost:{plan.ports['mail-web']}"


def check(plan: Plan) -> None:
    listening(plan.ports["mail-smtp"])
    get(f"http://127.0.0.1:{plan.ports['mail-web']}/")
