"""What goes into a signer's place: a name, strokes, or what is certified of somebody else there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.adapters.signature import drawing, handwriting
from app.adapters.signature.signing import Look
from app.adapters.templates import Kind
from app.domain import Invalid
from app.domain.access import Grant
from app.domain.documents import (
    BY_HAND,
    INSTEAD,
    OPINION,
    Manner,
    in_words,
    written_by_hand,
    written_instead,
    written_opinion,
)
from app.domain.forms import Answers
from app.domain.strokes import AT, Strokes
from app.domain.text import T
from app.models.casework import Case, Upload, WorkItem
from app.services import Deps, Work, procedures
from app.services.documents.data import unprintable
from app.services.tasks import sources

SCANNED = ("application/pdf", "image/jpeg", "image/png")
DIGITS = 16
"""Of a scan's SHA-256 that are printed; the signature's reason has all of them."""
REMARK = re.compile("（[^）]*）")
SIGN_WIDTH, SIGN_HEIGHT = 113.0, 28.0
"""Points of the sheet on which a name is written; it is fitted into the place on the paper."""
GAP = 8.0
"""Points between strokes and what stands beside them."""
WIDE, TALL = 256.0, 44.0
"""The same where the day stands beside the name, or why there is none."""
ROOM = 34.0
"""Points above name and day where it is written what the signer decides."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is to sign: the task, the paper as it is now, and their place on it."""

    document_id: int
    case_id: int
    item_id: int
    grant: Grant
    """By which the actor signs: their own, or that of whom they stand in for."""
    kind: Kind
    slot: str
    name: str
    sha256: str
    first: bool
    last: bool
    """Whether it completes the paper, as nobody else signs and no seal follows."""
    over: date | None
    """The day after which it is not signed any more, if that is past."""
    outdated: bool
    """Whether the paper is to bear the day of this signature, and bears an earlier one."""
    how: str | None
    """What the form of the task says of it (`x-paper`); None where the actor just signs."""
    day: date

    @property
    def instead(self) -> bool:
        """Whether it is the place of somebody who did not sign: why, is written there."""
        return self.how == INSTEAD

    @property
    def by_hand(self) -> bool:
        """Whether it is the place of somebody who signs by hand, which the actor certifies."""
        return self.how == BY_HAND

    @property
    def decides(self) -> bool:
        """Whether what the actor decides is written above their name."""
        return self.how == OPINION


@dataclass(frozen=True, slots=True)
class Hand:
    """A signature by hand that the actor certifies."""

    manner: Manner
    signer: str
    told: tuple[str, ...]
    """What is written in the place."""
    scans: tuple[tuple[str, str], ...]
    """The uploads that show it, each with its SHA-256."""

    @property
    def reason(self) -> str:
        """What the certifying signature says of it, and so covers."""
        digests = "、".join(digest for _id, digest in self.scans)
        return "；".join((*self.told, *([f"扫描件 SHA-256：{digests}"] if digests else [])))


def _checked(work: Work, place: Place, answers: Answers) -> tuple[Mapping[str, Any], Answers]:
    """Return the schema of the task's form, and the answers to it as they are kept."""
    row = work.session.execute(
        select(
            WorkItem.node,
            WorkItem.choice,
            WorkItem.paper_id,
            Case.subject_id,
            Case.deployment_id,
        )
        .join(Case, Case.id == WorkItem.case_id)
        .where(WorkItem.id == place.item_id)
    ).one()
    running = procedures.running(work, row.deployment_id)
    form = running.form(row.node, row.choice)
    if form is None:
        raise RuntimeError("A form asked for what is written, and is gone")
    known = (place.case_id, row.subject_id, running)
    given = sources.given_values(work, *known, form, row.paper_id)
    return form.schema, form.check(answers, given)


def unsigned(work: Work, place: Place, answers: Answers) -> tuple[str, ...]:
    """Return what is written in the place of who did not sign: the answers to the task's form."""
    told = written_instead(*_checked(work, place, answers), _plain(place.name), place.day)
    _printable(work, told, "/refusal_reason")
    return told


def decided(work: Work, place: Place, answers: Answers) -> tuple[str, ...]:
    """Return what is written above the name of who decides: the answers to the task's form."""
    told = written_opinion(*_checked(work, place, answers))
    _printable(work, told, "/opinion")
    return told


def _plain(name: str) -> str:
    return REMARK.sub("", name)


def _printable(work: Work, told: Sequence[str], at: str) -> None:
    if problem := unprintable(work, "".join(told)):
        raise Invalid({at: problem})


def certified(work: Work, place: Place, answers: Answers, strokes: Strokes | None) -> Hand:
    """Return the signature by hand that the answers to the task's form certify.

    :raises Invalid: if it is not there, or there twice, at its field
    """
    _schema, given = _checked(work, place, answers)
    manner = Manner(given["by_hand"])
    if manner is Manner.PAD and not strokes:
        raise Invalid({AT: T("请签字人在签名板上手写")})
    if manner is Manner.SCAN and strokes:
        raise Invalid({AT: T("已上传扫描件的，不在签名板上书写，请清除")})
    told = written_by_hand(given, _plain(place.name), place.day)
    _printable(work, told, "/signer")
    scans = _scans(work, given["scans"]) if manner is Manner.SCAN else ()
    return Hand(manner, given["signer"], told, scans)


def _scans(work: Work, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the files of a scan with their digests.

    :raises Invalid: if one is no scan, at its place
    """
    rows = work.session.execute(
        select(Upload.id, Upload.sha256, Upload.media_type).where(Upload.id.in_(names))
    )
    known = {row.id: row for row in rows}
    wrong = {
        f"/scans/{index}": T("扫描件须为 PDF 文件，或者 JPG、PNG 图片")
        for index, name in enumerate(names)
        if name not in known or known[name].media_type not in SCANNED
    }
    if wrong:
        raise Invalid(wrong)
    return tuple((name, known[name].sha256) for name in names)


def certified_look(deps: Deps, hand: Hand, strokes: Strokes | None) -> Look:
    """Return what is drawn where somebody signed by hand: their strokes, and who checked it."""
    font, said = deps.papers.writing, hand.told
    if hand.scans:
        some = "、".join(digest[:DIGITS] for _id, digest in hand.scans)
        said = (*said, f"扫描件摘要：{some}")
    half = WIDE / 2 if strokes else 0
    drawn = drawing.note(said, font, WIDE - half, TALL)
    if strokes:
        beside = handwriting.written(strokes, half - GAP, TALL)
        drawn = beside + f"q 1 0 0 1 {half:.2f} 0 cm\n".encode() + drawn + b"\nQ"
    return Look(drawn, WIDE, TALL, words="".join(said))


def decided_look(deps: Deps, place: Place, said: Sequence[str], strokes: Strokes | None) -> Look:
    """Return what is drawn where somebody decides: what and why, below it strokes or name, day."""
    font, name, room = deps.papers.writing, _plain(place.name), WIDE / 2 - GAP
    if strokes:
        said, drawn = (*said, f"签名人：{name}"), handwriting.written(strokes, room, SIGN_HEIGHT)
    else:
        drawn = drawing.name(name, font, room, SIGN_HEIGHT)
    drawn = drawing.dated(drawn, in_words(place.day), font, WIDE, SIGN_HEIGHT)
    above = drawing.note(said, font, WIDE, ROOM, most=drawing.SIZES[0])
    drawn += f"\nq 1 0 0 1 0 {SIGN_HEIGHT:.2f} cm\n".encode() + above + b"\nQ"
    return Look(drawn, WIDE, SIGN_HEIGHT + ROOM, words="".join(said))


def look(deps: Deps, place: Place, told: Sequence[str], strokes: Strokes | None) -> Look:
    """Return what is drawn: strokes or the name, dated if need be; or why there is none."""
    font, name = deps.papers.writing, _plain(place.name)
    if told:
        drawn = drawing.note(told, font, WIDE, TALL)
        return Look(drawn, WIDE, TALL, words="".join(told))
    dated = any(signer.dated for signer in place.kind.signers if signer.id == place.slot)
    width, height = (WIDE, TALL if strokes else SIGN_HEIGHT) if dated else (SIGN_WIDTH, SIGN_HEIGHT)
    room = width / 2 - GAP if dated and strokes else width / 2 if dated else width
    if strokes:
        drawn = handwriting.written(strokes, room, height) + handwriting.said(name, height)
    else:
        drawn = drawing.name(name, font, room, height)
    if dated:
        drawn = drawing.dated(drawn, in_words(place.day), font, width, height)
    return Look(drawn, width, height, words=name if strokes else "")
