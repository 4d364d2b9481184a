"""Guarantees 9 to 17: what is said in a lecture is neither lost nor doubled nor reordered, nor shown to strangers.

Real replicas that are really killed, on a database and a vhost of their own. Each guarantee runs sound and broken.
"""

import asyncio
import random
import re
import time
from urllib.parse import urlsplit

import pytest

from chassis.testing import PATIENCE_SECONDS, eventually
from lecture_chat.testing import World
from tests.faults.chat.cable import Cable
from tests.faults.chat.school import School, all_see, count, publish, talk, together
from tests.faults.report import ROUNDS, Report, judge


@pytest.mark.parametrize("broken", [(), ("ack_before_commit",)], ids=["sound", "broken"])
async def test_9_replicas_are_killed_while_all_talk(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 9: a replica dies at 200 messages a second; resumed elsewhere nothing is lost, doubled, reordered."""
    await school.start(*broken)
    await school.start(*broken)
    world, report = await school.world(), Report()
    lecture_id = await school.open_lecture(world)
    clients = [school.member(world.teacher, lecture_id), *(school.member(world.student, lecture_id, n) for n in (0, 1))]
    async with together(*clients):
        talking = asyncio.create_task(talk(clients, report, 1.5 * ROUNDS if not broken else 1.0, 200))
        for _ in range(ROUNDS if not broken else 1):
            await asyncio.sleep(random.uniform(0.4, 0.9))
            await school.kill(random.choice(school.processes))
            await school.start(*broken)
        acked = await talking
        if broken:
            report.lost = sum(1 for body in acked if not school.rows(
                "SELECT FROM entries WHERE content ->> 'body' = %s", body
            ))  # fmt: skip
        else:
            assert sum(client.connects for client in clients) > len(clients), "nobody noticed the kills"
            await count(school, lecture_id, clients, acked, report)
    judge(report, bool(broken))


@pytest.mark.parametrize("broken", [(), ("forget_client_ids",)], ids=["sound", "broken"])
async def test_10_killed_between_commit_and_ack(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 10: sent again after a kill between commit and ack: one row, the same number."""
    await school.start("die_before_ack")
    await school.start(*broken)
    world, report = await school.world(), Report(attempted=1)
    lecture_id = await school.open_lecture(world)
    client, other = school.member(world.student, lecture_id), school.member(world.teacher, lecture_id, 1)
    async with together(client, other):
        seq = await asyncio.wait_for(client.say("die"), PATIENCE_SECONDS)
        report.acked = 1
        await count(school, lecture_id, [client, other], {"die": seq}, report)
        assert client.connects == 2
    judge(report, bool(broken))


@pytest.mark.parametrize("broken", [(), ("leave_at_once",)], ids=["sound", "broken"])
async def test_9_a_rolling_restart_under_load(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 9, 14: replicas that are told to stop answer what they took and send their clients on."""
    for _ in range(2):
        await school.start(*broken)
    world, report = await school.world(), Report()
    lecture_id = await school.open_lecture(world)
    places = [(world.teacher, 0), *((world.student, n) for n in range(6))]
    clients = [school.member(caller, lecture_id, place) for caller, place in places]
    async with together(*clients):
        talking = asyncio.create_task(talk(clients, report, 3, 100))
        for process in tuple(school.processes):
            await school.start(*broken)
            process.terminate()
            assert await asyncio.to_thread(process.wait, PATIENCE_SECONDS) == 0
            school.stop_using(process)
        acked = await talking
        await count(school, lecture_id, clients, acked, report)
        report.lost += report.attempted - len(acked)
        # Who was not told to move was cut off.
        report.lost += sum("moving" not in client.other for client in clients)
    judge(report, bool(broken))


@pytest.mark.parametrize("broken", [(), ("blind",)], ids=["sound", "broken"])
async def test_13_the_bus_is_cut_with_sockets_open(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 13, 29: with the bus between replicas gone for 30 s, every gap is seen and filled."""
    redis = urlsplit(school.environment["REDIS_URL"])
    async with Cable(str(redis.hostname), redis.port or 6379) as cable:
        through = redis._replace(netloc=redis.netloc.replace(f":{redis.port}", f":{cable.port}")).geturl()
        for _ in range(2):
            await school.start(*broken, REDIS_URL=through)
        world, report = await school.world(), Report()
        lecture_id = await school.open_lecture(world)
        clients = [school.member(world.teacher, lecture_id), school.member(world.student, lecture_id, 1)]
        async with together(*clients):
            acked = {"before": await clients[0].say("before")}
            await cable.cut()
            acked |= await talk(clients[:1], report, min(30.0, 0.5 * ROUNDS) if not broken else 0.5, 50)
            if broken:
                with pytest.raises(AssertionError):
                    await eventually(lambda: all_see(clients, len(acked)), 3)
                return
            report.acked, report.attempted = len(acked), report.attempted + 1
            await count(school, lecture_id, clients, acked, report)
            await cable.mend()
            acked |= await talk(clients, report, 0.5, 50)
            report.acked = len(acked)
            await count(school, lecture_id, clients, acked, report)
            assert [client.connects for client in clients] == [1, 1]
    judge(report, bool(broken))


@pytest.mark.parametrize("broken", [(), ("mix_rooms",)], ids=["sound", "broken"])
async def test_16_a_canary_in_every_room(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 16: rooms over two replicas, members coming and going: nobody sees another room's canary."""
    await school.start(*broken)
    await school.start(*broken)
    many = min(200, 10 * ROUNDS) if not broken else 6
    rooms = {await school.open_lecture(world): world for world in [await school.world() for _ in range(many)]}
    report = Report()

    async def live(lecture_id: str, world: World) -> None:
        teacher = school.member(world.teacher, lecture_id, random.randrange(2))
        student = school.member(world.student, lecture_id, random.randrange(2))
        async with together(teacher):
            for n in range(4):
                async with together(student):
                    report.attempted += 1
                    await asyncio.wait_for(random.choice((teacher, student)).say(f"{lecture_id} {n}"), PATIENCE_SECONDS)
                    report.acked += 1
            seen = str((teacher.entries, teacher.frames, student.entries, student.frames))
        report.foreign += sum(other in seen for other in rooms if other != lecture_id)

    await asyncio.gather(*(live(*room) for room in rooms.items()), return_exceptions=bool(broken))
    said = school.rows("SELECT lecture_id, content ->> 'body' FROM entries WHERE type = 'message'")
    report.foreign += sum(not body.startswith(str(lecture_id)) for lecture_id, body in said)
    # Nothing that anybody says is in any log: each canary is its room's id and a number.
    report.foreign += len(re.findall(r"[0-9a-f-]{36} \d", school.logs()))
    judge(report, bool(broken))


@pytest.mark.parametrize("broken", [(), ("deaf",)], ids=["sound", "broken"])
async def test_17_a_removed_student_is_out(school: School, broken: tuple[str, ...]) -> None:
    """GUARANTEES 17: the event alone closes the socket, wherever it is, and nothing is received after."""
    await school.start(*broken)
    await school.start(*broken)
    world = await school.world()
    lecture_id = await school.open_lecture(world)
    teacher = school.member(world.teacher, lecture_id)
    students = [school.member(world.student, lecture_id, n) for n in range(2)]
    async with together(teacher, *students):
        started = time.monotonic()
        await publish(school.environment["AMQP_URL"], world, world.student.account_id)

        async def are_out() -> bool:
            return all(student.close_code == 4005 for student in students)

        if broken:
            with pytest.raises(AssertionError):
                await eventually(are_out, 2)
            return
        await eventually(are_out)
        report = Report(attempted=len(students), acked=len(students), recovery_s=time.monotonic() - started)
        await teacher.say("among ourselves")
        report.foreign = sum(len(student.entries) for student in students)
    judge(report, bool(broken), within=5)
