"""The worker's part of forgotten passwords."""

from auth.mail.jobs import writing
from auth.resets.commands import answer_request
from chassis.worker import Job

answer_requests = writing(answer_request)

JOB = Job("answer-reset-requests", 1.0, answer_requests)
