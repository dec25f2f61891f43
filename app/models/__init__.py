"""Tables. No rules, no queries: `app.domain` has the rules, `app.services` the queries.

This file holds what every table shares: the base class, constraint names and column types.
"""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    Integer,
    MetaData,
    SQLColumnExpression,
    String,
    Table,
    false,
    or_,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator[datetime]):
    """A point in time; refuses naive values on the way in, returns UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"Expected an aware datetime, but got {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite hands out row ids only for INTEGER; both hold 64 bits.
BigId = BigInteger().with_variant(Integer, "sqlite")
# Compared by prefix and range, byte by byte, whatever the database's own language is.
PlaceCode = String(16).with_variant(String(16, collation="C"), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix__%(table_name)s__%(column_0_N_name)s",
            "uq": "uq__%(table_name)s__%(column_0_N_name)s",
            "ck": "ck__%(table_name)s__%(constraint_name)s",
            "fk": "fk__%(table_name)s__%(column_0_N_name)s__%(referred_table_name)s",
            "pk": "pk__%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UTCDateTime,
        dict[str, Any]: JSON,
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=False,
            length=32,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


@dataclass(frozen=True, slots=True)
class Scope:
    """What one actor may know of."""

    account: int
    areas: tuple[str, ...]
    """Places whose cases and enterprises they see."""
    managed: tuple[str, ...]
    """Places whose organisations and accounts they administer."""
    organisations: tuple[int, ...]
    """Organisations in which they hold a role."""
    offices: tuple[int, ...] = ()
    """Those of them whose papers they see: not as an expert, who takes part in single cases, nor as
    an administrator, who sees nothing of any case."""


@dataclass(frozen=True, slots=True)
class Unscoped:
    """System work; `why` says what it does."""

    why: str


def within(column: SQLColumnExpression[str], places: tuple[str, ...]) -> ColumnElement[bool]:
    """Return the condition that a place lies in one of `places`, in a form an index serves."""
    if "" in places:
        return column.is_not(None)
    # "~" sorts behind every digit and letter that can follow in a place.
    conditions = [(column >= place) & (column < place + "~") for place in places]
    return or_(*conditions) if conditions else false()


class Scoped:
    """A row that not everybody may know of; every query on it passes the guard in `scope`."""

    @classmethod
    @abstractmethod
    def visible(cls, scope: Scope) -> ColumnElement[bool]:
        """Return the condition under which `scope` shows a row."""

    @abstractmethod
    def writable(self, scope: Scope) -> bool:
        """Test whether `scope` may write this row."""


def table_of(model: type[Base]) -> Table:
    """Return the plain table of a mapped class, for statements that go round the mapper."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} has no table of its own")
    return table
