"""Roster imports as jobs: a streamed upload, a lease, progress per chunk. Used by auth and classroom alike.

The tables `rosters` and `roster_chunks` are in the migrations of those two services, for no other schema needs them.
"""

from chassis.rosters.models import Change, Changes, Roster, RosterQuery, page, read
from chassis.rosters.upload import FORM, receive
from chassis.rosters.work import Importer, RosterJob, Step, job

__all__ = [
    "FORM",
    "Change",
    "Changes",
    "Importer",
    "Roster",
    "RosterJob",
    "RosterQuery",
    "Step",
    "job",
    "page",
    "read",
    "receive",
]
