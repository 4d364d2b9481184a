"""Event → copy of who there is."""

from chassis.copies import keep
from chassis.inbox import Handler

HANDLERS: dict[str, Handler] = {
    "auth.account-created.v1": keep("keep_accounts"),
    "auth.account-updated.v1": keep("keep_accounts"),
    "auth.account-deactivated.v1": keep("keep_accounts"),
}
