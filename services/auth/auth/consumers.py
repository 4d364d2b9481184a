"""Event → what auth does with it."""

from auth.personal_data.commands import SERVICES
from auth.personal_data.consumers import keep_answers
from chassis.copies import keep
from chassis.inbox import Handler
from chassis.personal_data import answered

HANDLERS: dict[str, Handler] = {
    "classroom.student-invited.v1": keep("keep_classroom_invitations"),
    **{answered(service): keep_answers for service in SERVICES},
}
