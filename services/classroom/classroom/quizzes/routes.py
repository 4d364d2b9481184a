"""All routes of quizzes, in the order of their documentation."""

from chassis.api import Api
from classroom.quizzes.attempts import routes as attempts
from classroom.quizzes.bank import routes as bank
from classroom.quizzes.live import routes as live
from classroom.quizzes.marking import routes as marking
from classroom.quizzes.questions import routes as questions
from classroom.quizzes.rules import routes as rules

api = Api("classroom", "Classroom").include(rules.api, questions.api, bank.api, attempts.api, live.api, marking.api)
