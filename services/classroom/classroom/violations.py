"""Which constraint refused a row: the database's word on a rule becomes an answer of ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg2.errors import UniqueViolation


@contextmanager
def violates(constraint: str) -> Iterator[list[str]]:
    """Swallow the violation of this one unique constraint; the list then holds its name."""
    violated: list[str] = []
    try:
        yield violated
    except UniqueViolation as error:
        if error.diag.constraint_name != constraint:
            raise
        violated.append(constraint)
