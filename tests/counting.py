"""Count what is asked of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event


@contextmanager
def statements(deps, *words: str) -> Iterator[list[str]]:
    """Give the list that the statements come into meanwhile: all, or those with one of the words.

    One that is carried out for many rows at once counts once.
    """
    found: list[str] = []

    def see(_connection, _cursor, statement, *_rest):
        if not words or any(word in statement for word in words):
            found.append(statement)

    event.listen(deps.database.engine, "before_cursor_execute", see)
    try:
        yield found
    finally:
        event.remove(deps.database.engine, "before_cursor_execute", see)
