"""`python -m bench.soak [--minutes 10] [--students 40]`: a school day in small, against the whole running stack.

Every student reads the bootstrap document and the own figures, holds a chat socket and writes into it, takes a quiz
again and again, uploads and hands in homework; the teacher grades, releases, adds assignments, watches the quiz and
reads the gradebook. At the end: no error, no lost message, no memory and no queue that grew. Exits with 1 otherwise.
Results are printed as Markdown.
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path

from bench.soak.course import Course, Tally, course
from bench.soak.watch import drained, memory, report
from bench.soak.work import chat, hand_in, study, take_quizzes, teach
from dev.layout import ROOT
from dev.stack import Stack

SAMPLE_SECONDS = 10.0


async def soak(stack: Stack, minutes: float, students: int) -> tuple[Tally, list[dict[str, float]], dict[str, int]]:
    """Run the load; what was seen, the memory over time, and what waited half a minute after its end."""
    tally, samples = Tally(), []
    async with course(stack, students) as made:
        tasks = begin(made, tally)
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end and not any(task.done() for task in tasks):
            await asyncio.sleep(min(SAMPLE_SECONDS, max(0.1, end - time.monotonic())))
            samples.append(memory(stack))
        broken = [task.exception() for task in tasks if task.done() and not task.cancelled()]
        tally.over = True
        await asyncio.sleep(2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if broken:
        raise RuntimeError("a part of the load ended early") from broken[0]
    return tally, samples, await drained(stack)


def begin(made: Course, tally: Tally) -> "list[asyncio.Task[None]]":
    """Everybody starts what they do all day."""
    work = [part(made, student, tally) for student in made.students for part in (study, chat, take_quizzes, hand_in)]
    return [asyncio.create_task(one) for one in (teach(made, tally), *work)]


def main() -> None:
    """Command line entry point."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--state", type=Path, default=ROOT / ".homeroom")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--students", type=int, default=40)
    options = parser.parse_args()
    wrong = report(*asyncio.run(soak(Stack(options.state), options.minutes, options.students)))
    print("\nNothing went wrong." if not wrong else "\nWrong:\n" + "\n".join(f"- {line}" for line in wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
