"""From rows of counts and sums to figures."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.db import Row
from grading.domain import Spread, Tally, participation, tally, together, total
from grading.models import ClassAverages, Distribution, Month, Quiz, Result, Taught, Teacher, Topic


def row_tally(row: Row, prefix: str = "") -> Tally:
    """The count and the sum in a row."""
    return Tally(row[f"{prefix}results"], Decimal(row[f"{prefix}percent_sum"]))


def averages(quizzes: Tally, everything: Tally) -> dict[str, Any]:
    """The members of `Averages`."""
    return {
        "results": quizzes.results,
        "quiz_average": quizzes.mean,
        "all_results": everything.results,
        "average": everything.mean,
    }


def row_averages(row: Row) -> dict[str, Any]:
    """The same from a row with both tallies."""
    return averages(row_tally(row, "quiz_"), row_tally(row))


def taught(row: Row) -> Taught:
    """A classroom in the list of a teacher's."""
    return Taught(
        **{name: row[name] for name in ("classroom_id", "title", "students", "quizzes", "results")},
        quiz_average=row_tally(row).mean,
        participation=participation(row["results"], row["students"], row["quizzes"]),
    )


def teacher(row: Row, classrooms: Sequence[Row], months: Iterable[Row]) -> Teacher:
    """A teacher with what they teach; `months` may hold other classrooms' too."""
    overall, own = total(map(row_tally, classrooms)), {str(one["classroom_id"]) for one in classrooms}
    possible = sum(one["students"] * one["quizzes"] for one in classrooms)
    return Teacher(
        **{name: row[name] for name in ("teacher_id", "name", "email")},
        students=sum(one["students"] for one in classrooms),
        results=overall.results,
        quiz_average=overall.mean,
        participation=participation(overall.results, possible, 1),
        classrooms=[taught(one) for one in classrooms],
        trend=trend(one for one in months if str(one["classroom_id"]) in own),
    )


def trend(rows: Iterable[Row]) -> list[Month]:
    """Rows of classrooms and months together, by month."""
    months: dict[str, Tally] = {}
    for row in rows:
        months[row["month"]] = months.get(row["month"], Tally()) + row_tally(row)
    return [Month(month=name, results=found.results, quiz_average=found.mean) for name, found in sorted(months.items())]


def spread(row: Row) -> Row:
    """An assignment with the spread of its results and their tally."""
    found = Spread(dict(zip(row["percents"] or (), row["counts"] or (), strict=True)))
    return row | {"spread": found, "tally": found.tally()}


def distribution(spreads: Iterable[Spread]) -> Distribution:
    """The spread of a classroom's quiz results."""
    found = together(spreads)
    lowest, lower_quartile, median, upper_quartile, highest = (found.quantile(Decimal(n) / 4) for n in range(5))
    return Distribution(
        mean=found.tally().mean,
        lowest=lowest,
        lower_quartile=lower_quartile,
        median=median,
        upper_quartile=upper_quartile,
        highest=highest,
        histogram=found.histogram(),
    )


def quiz(row: Row) -> Quiz:
    """One quiz of a classroom, with its spread."""
    lowest, median, highest = (row["spread"].quantile(Decimal(n) / 2) for n in range(3))
    return Quiz(
        **{name: row[name] for name in ("assignment_id", "title", "topic_id", "due_at")},
        results=row["tally"].results,
        average=row["tally"].mean,
        lowest=lowest,
        median=median,
        highest=highest,
    )


def by_kind(rows: Iterable[Row]) -> dict[str, Any]:
    """`Averages` over assignments with tallies."""
    rows = list(rows)
    quizzes = total(row["tally"] for row in rows if row["kind"] == "quiz")
    return averages(quizzes, total(row["tally"] for row in rows))


def topics(titles: Mapping[UUID, str], rows: Sequence[Row]) -> list[Topic]:
    """Assignments with tallies, grouped by topic in the order of `titles`; last what has none, if anything."""
    groups: dict[UUID | None, list[Row]] = {topic_id: [] for topic_id in titles}
    for row in rows:
        topic_id = row["topic_id"] if row["topic_id"] in titles else None
        groups.setdefault(topic_id, []).append(row)
    return [
        Topic(topic_id=topic_id, title=topic_id and titles[topic_id], **by_kind(group))
        for topic_id, group in groups.items()
    ]


def own_tally(row: Row) -> Row:
    """One student's result with its own tally, so that it groups like a class's."""
    return row | {"tally": tally([row["percent"]])}


def own_trend(rows: Iterable[Row]) -> list[Month]:
    """One student's quiz results by the month they were graded in (UTC)."""
    results = (row for row in rows if row["kind"] == "quiz" and row["percent"] is not None)
    return trend({"month": f"{row['graded_at']:%Y-%m}", "results": 1, "percent_sum": row["percent"]} for row in results)


def result(row: Row) -> Result:
    """One assignment of a student."""
    return Result(**{name: row[name] for name in Result.model_fields})


def class_averages(row: Row) -> ClassAverages:
    """What a student may know of the whole class."""
    return ClassAverages(quiz_average=row_tally(row, "quiz_").mean, average=row_tally(row).mean)
