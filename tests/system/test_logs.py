"""Logs tell what happened without telling who: no name, address, password or token of anybody in any line."""

import re
from secrets import token_hex

from chassis.testing import eventually
from dev.stack import Stack
from tests.system.people import PASSWORD, School

TOKEN = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}")


def found_in(text: str, secrets: dict[str, str]) -> set[str]:
    """The kinds of secret that the text holds."""
    kinds = {kind for kind, secret in secrets.items() if secret.lower() in text.lower()}
    return kinds | ({"token"} if TOKEN.search(text) else set())


def written(whole: Stack, since: dict[str, int]) -> str:
    """What the processes of ours have logged since; the data services' logs are their own."""
    parts = []
    for file in (whole.state.folder / "logs").glob("*.log"):
        if re.match(r"(auth|classroom|grading|lecture-chat|files|gateway)", file.name):
            parts.append(file.read_bytes()[since.get(file.name, 0) :].decode(errors="replace"))
    return "\n".join(parts)


async def test_no_log_holds_personal_data_or_a_token(whole: Stack, school: School) -> None:
    logs = (whole.state.folder / "logs").glob("*.log")
    since = {file.name: file.stat().st_size for file in logs}
    mark = token_hex(6)
    teacher, student = await school.teacher(f"tea{mark}"), await school.student(f"stu{mark}")
    classroom = await teacher.send("POST", "/api/classroom/classrooms", {"title": f"Room {mark}x"})
    stranger = await school.client(f"nobody{mark}")
    # What goes wrong is what gets logged: a wrong password, a wrong body, a token in the wrong place.
    await stranger.ask("POST", "/api/auth/login", {"email": f"stu{mark}@{school.domain}", "password": f"wrong-{mark}"})
    await student.ask("POST", "/api/classroom/classrooms", {"title": ["wrong", mark], "email": student.email})
    await student.ask("POST", f"/api/classroom/enrollments?token={student.token}", {"join_code": f"code{mark}"})
    await teacher.ask("GET", f"/api/classroom/classrooms/{classroom['id']}?name={student.email}")
    secrets = {
        "name": f"Stu{mark}",
        "address": f"{mark}@",
        "domain": school.domain,
        "password": PASSWORD,
        "wrong password": f"wrong-{mark}",
        "join code": f"code{mark}",
        "title": f"Room {mark}x",
    }

    async def logged() -> bool:
        return written(whole, since).count("/api/classroom/classrooms") >= 3

    await eventually(logged)  # the gateway writes its lines once a second
    assert found_in(written(whole, since), secrets) == set()


def test_the_scan_finds_what_it_looks_for() -> None:
    """Control: a line with a name and one with a token."""
    line = '{"name": "Stuabc", "authorization": "Bearer eyJhbGciOiJFUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl"}'
    assert found_in(line, {"name": "stuABC", "address": "a@b"}) == {"name", "token"}
