"""Answers to requests that carried an idempotency key: a repetition changes nothing twice."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from app.domain import Conflict
from app.domain.text import T
from app.models.records import Answered
from app.services import Work

LIFE = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: an HTTP status and the exact bytes."""

    status: int
    body: bytes


def given(work: Work, key: str, digest: bytes) -> Answer | None:
    """Return what the actor was answered under `key`, or None if this is the first time.

    :raises Conflict: if the key was used for another request
    """
    row = work.session.execute(
        select(Answered.digest, Answered.status, Answered.answer).where(
            Answered.account_id == work.me, Answered.key == key, Answered.at > work.wall - LIFE
        )
    ).one_or_none()
    if row is None:
        return None
    if row.digest != digest:
        raise Conflict(T("此操作标识已用于另一项操作"))
    return Answer(row.status, row.answer)


def keep(work: Work, key: str, digest: bytes, answer: Answer) -> None:
    """Remember the answer in the transaction of the write itself."""
    work.session.execute(
        delete(Answered).where(
            Answered.account_id == work.me, Answered.key == key, Answered.at <= work.wall - LIFE
        )
    )
    work.session.add(
        Answered(
            account_id=work.me,
            key=key,
            digest=digest,
            status=answer.status,
            answer=answer.body,
            at=work.wall,
        )
    )


def sweep(work: Work) -> None:
    """Forget answers that have had their time."""
    work.session.execute(delete(Answered).where(Answered.at <= work.wall - LIFE))
