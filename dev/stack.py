"""A stack: everything of Homeroom, or a part of it, running out of one state folder."""

import json
import os
import shutil
import signal
import time
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from dev import gateway, mail, postgres, processes, rabbitmq, redis, s3, services, tls
from dev.layout import ROOT, State, write_private
from dev.ports import allocate, complete, remembered
from dev.programs import Plan, Program
from dev.secrets import load
from dev.supervisor import BROKEN, Supervisor, render, wait_for

DATA = ("postgres", "epmd", "rabbitmq", "redis", "s3", "mail")
READY_SECONDS = 180


class StackError(Exception):
    """Something did not start; the message says what, and what its log ends with."""


class Stack:
    """Start, stop, harm and ask about the processes of one state folder.

    `restart=False` leaves a dead process dead, for tests that kill and start by themselves.
    """

    def __init__(self, folder: Path | str = ROOT / ".homeroom", *, restart: bool = True) -> None:
        self.state = State.at(folder)
        self.supervisor = Supervisor(self.state)
        self._restart = restart

    def up(self, only: Collection[str] = ()) -> None:
        """Start what is not running yet and wait until it is healthy. `only` names programs, services or `data`."""
        if not self.supervisor.running():
            processes.end(self.state)
            allocate(self.state)
        else:
            complete(self.state)
        plan = self.plan()
        tls.ensure(self.state.tls)
        programs = self.programs()
        self.supervisor.configure(self._configuration(programs))
        processes.remember_session(self.state)
        self.describe()
        wanted = _expand(only, [program.name for program in programs])
        chosen = [program for program in programs if program.name in wanted]
        self._start([program for program in chosen if program.name in DATA])
        self._migrate(plan, wanted)
        self._start([program for program in chosen if program.name not in (*DATA, "gateway")])
        self._start([program for program in chosen if program.name == "gateway"])

    def down(self) -> None:
        """Stop everything, services before what they use, and see to it that nothing survives."""
        if self.supervisor.running():
            names = list(self.supervisor.states())
            self.supervisor.stop(name for name in names if name not in DATA)
            self.supervisor.stop(name for name in names if name in DATA and name != "epmd")
            self.supervisor.stop(["epmd"])
            self.supervisor.shutdown()
            wait_for(lambda: not processes.members(self.state), seconds=20, what="supervisord")
        processes.end(self.state)
        s3.clear_sockets(self.plan())
        self.state.description.unlink(missing_ok=True)

    def reset(self) -> None:
        """Stop everything and forget all data, secrets and ports."""
        self.down()
        postgres.remove_cluster(self.plan())
        shutil.rmtree(self.state.folder)

    def plan(self) -> Plan:
        return Plan(self.state, remembered(self.state), load(self.state))

    def programs(self) -> list[Program]:
        """All programs there are, in the order in which they start."""
        plan = self.plan()
        data = [*rabbitmq.programs(plan), postgres.program(plan), redis.program(plan), s3.program(plan)]
        data.append(mail.program(plan))
        return [*data, *services.programs(plan), *gateway.programs(plan)]

    def start(self, *names: str) -> None:
        """Start these programs again and wait until they are healthy."""
        self._start([program for program in self.programs() if program.name in names])

    def stop(self, *names: str) -> None:
        """Stop these programs in good order."""
        self.supervisor.stop(names)

    def kill(self, name: str) -> None:
        """SIGKILL to the program and its children, as a power cut would."""
        pid = self.pid(name)
        self.signal(name, signal.SIGKILL)
        wait_for(lambda: self.pid(name) != pid, seconds=10, what=f"the end of {name}")

    def signal(self, name: str, sign: signal.Signals) -> None:
        """Send any signal (SIGSTOP, SIGCONT…) to the program and its children."""
        os.killpg(self.pid(name), sign)

    def pid(self, name: str) -> int:
        """Its process (and group) id; 0 while it is down."""
        return self.supervisor.pid(name)

    def states(self) -> dict[str, str]:
        """Program → state in supervisord's words; empty while the stack is down."""
        return self.supervisor.states() if self.supervisor.running() else {}

    def env(self, service: str) -> dict[str, str]:
        """The environment of a service's processes."""
        return services.environment(self.plan(), service)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.plan().ports['gateway']}"

    @property
    def mail_url(self) -> str:
        return mail.web_url(self.plan())

    def log_tail(self, name: str, lines: int = 25) -> str:
        """The end of a program's log."""
        log = self.state.log(name)
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(no log)"

    def description(self) -> dict[str, Any]:
        """What a test needs to know: addresses, credentials, environments. Written to `stack.json`."""
        plan = self.plan()
        return {
            "root": str(ROOT),
            "state": str(self.state.folder),
            "restart": self._restart,
            "url": self.url,
            "ca_file": str(tls.authority_file(self.state.tls)),
            "ports": plan.ports,
            "admin_database_url": postgres.admin_url(plan),
            "amqp_url": rabbitmq.amqp_url(plan),
            "amqp_management_url": rabbitmq.management_url(plan),
            "redis_url": redis.url(plan),
            "s3": s3.access(plan),
            "services": {service: services.environment(plan, service) for service in services.NAMES},
        }

    def describe(self) -> None:
        write_private(self.state.description, json.dumps(self.description(), indent=2) + "\n")

    def _configuration(self, programs: Iterable[Program]) -> str:
        return render(self.state, programs, restart=self._restart)

    def _migrate(self, plan: Plan, wanted: set[str]) -> None:
        due = [name for name in services.NAMES if wanted & set(services.program_names(name))]
        for name in due:
            services.migrate(plan, name)

    def _start(self, programs: list[Program]) -> None:
        for program in programs:
            if program.prepare and self.supervisor.state(program.name) != "RUNNING":
                program.prepare()
            self.supervisor.start(program.name)
        for program in programs:
            self._await(program)
            if program.finish:
                program.finish()

    def _await(self, program: Program) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                return program.ready()
            except Exception as problem:  # noqa: BLE001 - whatever it is, it is not ready
                self._judge(program, problem, late=time.monotonic() > deadline)
            time.sleep(0.1)

    def _judge(self, program: Program, problem: Exception, *, late: bool) -> None:
        state = self.supervisor.state(program.name)
        if state not in BROKEN and not late:
            return
        what = "is not healthy" if state not in BROKEN else f"did not start ({state.lower()})"
        tail = self.log_tail(program.name)
        log = self.state.log(program.name)
        raise StackError(f"{program.name} {what}: {str(problem)[:200]}\n--- the end of {log} ---\n{tail}")


def _expand(only: Collection[str], names: Collection[str]) -> set[str]:
    """Program names for a choice of programs, services and `data`; nothing chosen means all."""
    if not only:
        return set(names)
    groups = {"data": DATA, "rabbitmq": ("epmd", "rabbitmq")}
    groups |= {service: tuple(services.program_names(service)) for service in services.NAMES}
    chosen = {name for word in only for name in groups.get(word, (word,))}
    unknown = chosen - set(names) - {name for group in groups.values() for name in group}
    if unknown:
        raise StackError(f"no such program: {', '.join(sorted(unknown))}")
    return chosen
