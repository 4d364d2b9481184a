"""All routes of the service, in the order of its documentation."""

from chassis.api import Api
from classroom.announcements import routes as announcements
from classroom.assignments import routes as assignments
from classroom.bootstrap import routes as bootstrap
from classroom.classrooms import routes as classrooms
from classroom.comments import routes as comments
from classroom.feed import routes as feed
from classroom.grades import routes as grades
from classroom.groups import routes as groups
from classroom.invitations import routes as invitations
from classroom.lectures import routes as lectures
from classroom.marks import routes as marks
from classroom.notes import routes as notes
from classroom.notifications import routes as notifications
from classroom.people import routes as people
from classroom.points import routes as points
from classroom.quizzes import routes as quizzes
from classroom.rosters import routes as rosters
from classroom.submissions import routes as submissions
from classroom.topics import routes as topics

api = Api(
    "classroom",
    title="Homeroom classroom",
    description="Classrooms, their people, topics, assignments and grades.",
).include(
    bootstrap.api,
    feed.api,
    notifications.api,
    classrooms.api,
    people.api,
    invitations.api,
    announcements.api,
    topics.api,
    assignments.api,
    groups.api,
    submissions.api,
    grades.api,
    points.api,
    quizzes.api,
    marks.api,
    comments.api,
    notes.api,
    lectures.api,
    rosters.api,
)
