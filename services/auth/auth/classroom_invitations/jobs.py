"""The worker's part of invitations into classrooms."""

from auth.classroom_invitations.commands import answer_invitation
from auth.mail.jobs import writing
from chassis.worker import Job

answer_invitations = writing(answer_invitation)

JOB = Job("answer-classroom-invitations", 1.0, answer_invitations)
