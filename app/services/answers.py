"""Answers to requests that carried an idempotency key: a repetition changes nothing twice."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, insert, select

from app.domain import Conflict
from app.domain.text import T
from app.models import table_of
from app.models.records import Answered
from app.services import Work

LIFE = timedelta(hours=72)

_TABLE = table_of(Answered)
_MINE = (_TABLE.c.account_id == bindparam("account")) & (_TABLE.c.key == bindparam("key"))
GIVEN = select(_TABLE.c.digest, _TABLE.c.status, _TABLE.c.answer).where(
    _MINE, _TABLE.c.at > bindparam("since")
)
FORGET = delete(_TABLE).where(_MINE, _TABLE.c.at <= bindparam("since"))
KEEP = insert(_TABLE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: an HTTP status and the exact bytes."""

    status: int
    body: bytes


def given(work: Work, key: str, digest: bytes) -> Answer | None:
    """Return what the actor was answered under `key`, or None if this is the first time.

    :raises Conflict: if the key was used for another request
    """
    since = work.wall - LIFE
    row = work.run(GIVEN, {"account": work.me, "key": key, "since": since}).one_or_none()
    if row is None:
        return None
    if row.digest != digest:
        raise Conflict(T("此操作标识已用于另一项操作"))
    return Answer(row.status, row.answer)


def keep(work: Work, key: str, digest: bytes, answer: Answer) -> None:
    """Remember the answer in the transaction of the write itself."""
    known = {"account": work.me, "key": key, "since": work.wall - LIFE}
    work.run(FORGET, known)
    work.run(
        KEEP,
        {
            "account_id": work.me,
            "key": key,
            "digest": digest,
            "status": answer.status,
            "answer": answer.body,
            "at": work.wall,
        },
    )


def sweep(work: Work) -> None:
    """Forget answers that have had their time."""
    work.session.execute(delete(Answered).where(Answered.at <= work.wall - LIFE))
