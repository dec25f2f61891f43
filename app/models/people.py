"""Places, organisations, accounts and what they may do."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.access import Family, Role, covers
from app.models import Base, BigId, PlaceCode, Scope, Scoped, within

ENTERPRISE = "enterprise"
"""The kind of organisation that the registry keeps."""
LICENSED = text("licence <> ''")


class Division(Base):
    """An administrative division (行政区划, GB/T 2260) or a development zone (开发区)."""

    __tablename__ = "division"

    place: Mapped[str] = mapped_column(PlaceCode, primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    zone: Mapped[bool] = mapped_column(default=False)
    parent: Mapped[str | None] = mapped_column(ForeignKey("division.place"))


class OrganisationKind(Base):
    """A kind of organisation (应急管理局, 人民政府, 供电公司 …), as data."""

    __tablename__ = "organisation_kind"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    name_en: Mapped[str] = mapped_column(String(64))
    family: Mapped[Family]


class Organisation(Scoped, Base):
    """Anybody that can own or act in a case: a bureau, a government, a partner, an enterprise."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index(None, "place", "kind"),
        UniqueConstraint("kind", "place", "name"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(ForeignKey("organisation_kind.code"))
    place: Mapped[str] = mapped_column(PlaceCode, ForeignKey("division.place"))
    name: Mapped[str] = mapped_column(String(128))
    short: Mapped[str] = mapped_column(String(16), default="")
    """The character in its document numbers (机关代字), as 兴 in （兴）应急责改〔2026〕1号."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    active: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return within(cls.place, scope.areas + scope.managed) | cls.id.in_(scope.organisations)

    def writable(self, scope: Scope) -> bool:
        # Offices are the administrators', enterprises the registry's.
        areas = scope.areas if self.kind == ENTERPRISE else scope.managed
        return any(covers(place, self.place) for place in areas)


class Account(Scoped, Base):
    """A person who can sign in."""

    __tablename__ = "account"
    __table_args__ = (
        Index(
            "ix__account__licence",
            "licence",
            unique=True,
            sqlite_where=LICENSED,
            postgresql_where=LICENSED,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(160))
    pin_hash: Mapped[str | None] = mapped_column(String(160))
    password_by: Mapped[int | None] = mapped_column(BigId)
    """The administrator who gave the last password that its owner did not choose."""
    pin_released_by: Mapped[int | None] = mapped_column(BigId)
    """The administrator who released the PIN, until the owner has set a new one."""
    phone: Mapped[str] = mapped_column(String(32), default="")
    email: Mapped[str] = mapped_column(String(128), default="")
    licence: Mapped[str] = mapped_column(String(32), default="")
    """Number of the enforcement licence (执法证号), shown on site."""
    language: Mapped[str | None] = mapped_column(String(2))
    active: Mapped[bool] = mapped_column(default=True)
    change_password: Mapped[bool] = mapped_column(default=False)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    """The organisation that keeps this account; its administrators manage it."""
    place: Mapped[str] = mapped_column(PlaceCode, index=True)
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}

    @classmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        return within(cls.place, scope.managed) | (cls.id == scope.account)

    def writable(self, scope: Scope) -> bool:
        return self.id == scope.account or any(covers(p, self.place) for p in scope.managed)


class RoleGrant(Base):
    """A role that an account holds in an organisation."""

    __tablename__ = "role_grant"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id"), primary_key=True, index=True
    )


class Deputy(Base):
    """A leader's deputy for a period (授权代理)."""

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("account_id <> deputy_id", name="somebody_else"),
        CheckConstraint("since < until", name="period"),
        Index(None, "deputy_id", "until"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    deputy_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None]


class LoginSession(Base):
    """A signed-in browser or an API token; only the hash of its secret is kept."""

    __tablename__ = "login_session"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(String(45))
    agent: Mapped[str] = mapped_column(String(200))


class SignInFailure(Base):
    """A failed attempt to sign in; kept as long as it counts."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index(None, "address", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    username: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime] = mapped_column(index=True)
