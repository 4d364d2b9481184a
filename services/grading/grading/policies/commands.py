"""Setting a classroom's policy."""

from uuid import UUID

from chassis.db import Executor
from chassis.errors import FieldError, Invalid
from chassis.identity import Identity
from grading.policies.models import NO_TOPIC, Policy, Weighting

GRADED_KINDS = frozenset({"lecture", "classwork", "homework", "quiz", "group"})


async def put_policy(
    db: Executor, identity: Identity, classroom_id: UUID, policy: Policy, expected: int | None
) -> int | None:
    """Store it and tell of it; None when another version stands than `expected` (0: none). Raises Invalid."""
    await check_groups(db, classroom_id, policy)
    version: int | None = await db.value(
        "put_policy",
        classroom_id=classroom_id,
        school_id=identity.school_id,
        actor=identity.account_id,
        policy=policy.model_dump(mode="json"),
        expected=expected,
    )
    return version


async def check_groups(db: Executor, classroom_id: UUID, policy: Policy) -> None:
    """Raises Invalid for a group that the classroom cannot have."""
    if policy.weighting is Weighting.NONE:
        return
    known, what = GRADED_KINDS, "kind"
    if policy.weighting is Weighting.TOPICS:
        rows = await db.rows("classroom_topics", classroom_id=classroom_id)
        known, what = frozenset([*(str(row["topic_id"]) for row in rows), NO_TOPIC]), "topic"
    wrong = [
        FieldError(f"body.groups.{place}.key", f"The classroom has no such {what}.", "unknown_group")
        for place, group in enumerate(policy.groups)
        if group.key not in known
    ]
    if wrong:
        raise Invalid.many(wrong)
