"""What needs no database: every type has its handler."""

from chassis.contracts import default_contracts
from chassis.inbox import complete_handlers
from lecture_chat.consumers import HANDLERS


def test_handlers_are_what_the_contracts_say() -> None:
    complete_handlers(default_contracts(), "lecture-chat", HANDLERS)
