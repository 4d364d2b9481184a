"""Event → copies of who there is, who teaches and attends what, and what is attached where."""

from chassis.copies import keep
from chassis.inbox import Handler

HANDLERS: dict[str, Handler] = {
    "auth.account-created.v1": keep("keep_accounts"),
    "auth.account-updated.v1": keep("keep_accounts"),
    "auth.account-deactivated.v1": keep("keep_accounts"),
    "classroom.classroom-created.v1": keep("keep_classrooms"),
    "classroom.classroom-updated.v1": keep("keep_classrooms"),
    "classroom.classroom-deleted.v1": keep("keep_classrooms"),
    "classroom.teacher-added.v1": keep("keep_members"),
    "classroom.teacher-removed.v1": keep("keep_members"),
    "classroom.student-enrolled.v1": keep("keep_members"),
    "classroom.student-removed.v1": keep("keep_members"),
    "classroom.attachment-added.v1": keep("keep_attachments"),
    "classroom.attachment-removed.v1": keep("keep_attachments"),
}
