"""Why an entry or a signal is refused: one text for the socket and for HTTP."""

from chassis.errors import Conflict, Forbidden, HomeroomError, NotFound

DETAILS = {
    "closed": "The lecture is closed.",
    "not_member": "You are no member of this classroom any more.",
    "teachers_only": "Only teachers may do this.",
    "announcements_only": "Only teachers may send now.",
    "muted": "A teacher has muted you.",
    "no_such_message": "There is no such message, or it is not yours to change.",
    "too_many_kinds": "The message has had too many different emoji; take one of those.",
    "no_such_poll": "There is no such open poll.",
    "poll_closed": "This poll takes no more votes.",
    "no_such_option": "The poll has no such option.",
    "no_such_student": "There is no such student in this classroom.",
}


def refused(code: str) -> HomeroomError:
    """The refusal as an answer over HTTP."""
    if code == "closed":
        return Conflict(code, DETAILS[code])
    if code == "not_member":
        return NotFound("lecture")
    if code.startswith("no_such"):
        return NotFound("message")
    return Forbidden(code, DETAILS[code])
