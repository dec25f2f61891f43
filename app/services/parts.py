"""So many ids at a time: databases bound how many values a statement names (SQLite: 32 766)."""

from collections.abc import Iterable, Iterator

AT_ONCE = 10_000


def parts(ids: Iterable[int]) -> Iterator[list[int]]:
    """Yield ids in parts that one statement may name, for those that no subquery finds again."""
    known = list(ids)
    for start in range(0, len(known), AT_ONCE):
        yield known[start : start + AT_ONCE]
