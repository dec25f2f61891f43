"""Papers, their revisions, signatures and service; numbers; signing keys and certificates."""

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    SmallInteger,
    String,
    UniqueConstraint,
    and_,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.access import covers
from app.domain.documents import DocumentState, KeyUse, Manner
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within
from app.models.casework import WorkItem
from app.models.people import Account, Organisation


class Document(Scoped, Base):
    """A numbered paper (文书) with the data it was made of, frozen when the number was given."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("organisation_id", "kind", "year", "serial"),
        CheckConstraint("(state = 'void') = (void_at IS NOT NULL)", name="void_at_if_void"),
        Index(None, "state", "id"),
        Index(None, "place", "id"),
        Index(None, "case_id", "id"),
        Index(None, "subject_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    """What is printed beside the QR code: who has it may ask whether the paper is genuine."""
    kind: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(PlaceCode)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("work_item.id"))
    """The task whose answers it was made of."""
    seq: Mapped[int | None]
    """The service task that waits for it."""
    year: Mapped[int] = mapped_column(SmallInteger)
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[DocumentState]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    data_sha256: Mapped[str] = mapped_column(String(64))
    template_sha256: Mapped[str] = mapped_column(String(64))
    """The templates and the wording, as a file of the store."""
    wording: Mapped[int | None] = mapped_column(SmallInteger)
    """The version of the wording; None if the paper was made before there were versions."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    """The newest revision's."""
    pages: Mapped[int | None] = mapped_column(SmallInteger)
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    served_at: Mapped[datetime | None]
    declined: Mapped[bool] = mapped_column(default=False)
    """Whether the leader who signed it decided that what it proposes is not to be."""
    void_at: Mapped[datetime | None]
    void_reason: Mapped[str | None] = mapped_column(String(500))

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        served = and_(cls.subject_id.in_(scope.offices), cls.served_at.is_not(None))
        own = cls.organisation_id.in_(scope.offices)
        # Who is to sign a paper or to act on it sees it, though it was not served on them.
        asked = select(WorkItem.paper_id).where(
            WorkItem.organisation_id.in_(scope.offices), WorkItem.paper_id.is_not(None)
        )
        copied = select(DocumentCopy.document_id).where(
            DocumentCopy.organisation_id.in_(scope.offices)
        )
        seen = [own, served, cls.id.in_(asked), cls.id.in_(copied)]
        if guests := set(scope.organisations).difference(scope.offices):
            # A guest, as an expert is, sees what they themselves are to sign.
            mine = select(WorkItem.paper_id).where(
                WorkItem.organisation_id.in_(guests),
                WorkItem.paper_id.is_not(None),
                WorkItem.assignee_id == scope.account,
            )
            seen.append(cls.id.in_(mine))
        return or_(within(cls.place, scope.areas), *seen)

    def writable(self, scope: Scope) -> bool:
        return self.organisation_id in scope.offices or any(
            covers(place, self.place) for place in scope.areas
        )


class DocumentCopy(Base):
    """A paper that was sent to an office for it to know (抄送): its people may read it."""

    __tablename__ = "document_copy"
    __table_args__ = (Index(None, "organisation_id", "document_id"),)

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    at: Mapped[datetime]


def _offices(scope: Scope) -> Select[int]:
    """Return the ids of the organisations that somebody belongs to or administers."""
    managed = within(Organisation.place, scope.managed)
    return select(Organisation.id).where(managed | Organisation.id.in_(scope.organisations))


class OfDocument(Scoped):
    """What belongs to a paper: who may know of the paper may know of it, and only steps write."""

    document_id: Mapped[int]

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return cls.document_id.in_(select(Document.id).where(Document.visible(scope)))

    def writable(self, scope: Scope) -> bool:
        return False


class DocumentRevision(OfDocument, Base):
    """One state of a paper's file (修订版): typeset, then longer by each signature."""

    __tablename__ = "document_revision"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigId)
    made_by: Mapped[str] = mapped_column(String(32))
    """The signature's place that it was made with; "" for the typeset paper."""
    at: Mapped[datetime]
    lasts_until: Mapped[datetime | None] = mapped_column(index=True)
    """Until when the archive stamp over a complete paper proves it; None if it is not complete."""


class SignatureRecord(OfDocument, Base):
    """Who signed or sealed a paper, in which place, with which certificate."""

    __tablename__ = "signature_record"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    slot: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    """The person who signed, or who approved the seal."""
    item_id: Mapped[int | None] = mapped_column(ForeignKey("work_item.id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("signing_key.id"))
    name: Mapped[str] = mapped_column(String(128))
    at: Mapped[datetime]
    """By the wall clock, as in the time stamp."""
    strokes: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """What was written by hand, as JSON (`app.domain.strokes`); None if nothing was."""
    manner: Mapped[Manner | None]
    """How it was signed by hand: then `account_id` is who certified it, not who signed."""
    scans: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Ids of the uploads that show what was signed by hand on paper."""


class ServiceRecord(OfDocument, Base):
    """How a paper was served (送达): evidence that a deadline began to run."""

    __tablename__ = "service_record"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    """The proof of service (送达回证)."""
    item_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))
    manner: Mapped[str] = mapped_column(String(32))
    receipt: Mapped[str] = mapped_column(String(32))
    served_on: Mapped[date]
    served_at: Mapped[str] = mapped_column(String(200))
    receiver: Mapped[str | None] = mapped_column(String(64))
    consent_id: Mapped[int | None] = mapped_column(BigId)
    """The party's consent (`ServiceConsent`) by which it was served electronically."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class NumberCounter(Scoped, Base):
    """The last number given: an organisation's papers of a kind are numbered without a gap."""

    __tablename__ = "number_counter"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    last: Mapped[int]

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return cls.organisation_id.in_(scope.organisations)

    def writable(self, scope: Scope) -> bool:
        return self.organisation_id in scope.organisations


class PaperSetting(Scoped, Base):
    """What an organisation's papers say otherwise than usual: number, organs of remedy."""

    __tablename__ = "paper_setting"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    number_pattern: Mapped[str] = mapped_column(String(64), default="")
    review_organ: Mapped[str] = mapped_column(String(64), default="")
    court: Mapped[str] = mapped_column(String(64), default="")

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return cls.organisation_id.in_(_offices(scope))

    def writable(self, scope: Scope) -> bool:
        return False


class SigningKey(Scoped, Base):
    """A key, sealed, with its certificate: an authority's, a person's, a seal's."""

    __tablename__ = "signing_key"
    __table_args__ = (Index(None, "account_id"), Index(None, "organisation_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    use: Mapped[KeyUse]
    holder: Mapped[str | None] = mapped_column(String(32), unique=True)
    """Whose it is, as long as it is the one in use: "root", "person 7", "seal 3"."""
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    serial: Mapped[str] = mapped_column(String(48), unique=True)
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """None once it is not to sign any more."""
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        people = select(Account.id).where(Account.visible(scope))
        return or_(cls.account_id.in_(people), cls.organisation_id.in_(_offices(scope)))

    def writable(self, scope: Scope) -> bool:
        return False


class Lookup(Base):
    """A question to the public page of verification; kept as long as it counts."""

    __tablename__ = "lookup"
    __table_args__ = (Index(None, "address", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    address: Mapped[str] = mapped_column(String(45))
    upload: Mapped[bool]
    at: Mapped[datetime]
