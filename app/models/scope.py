"""The scope guard: a session shows only what its actor may know of.

Every select, update and delete on a mapped, scoped class gets the class's own condition. Whatever
goes round the mapper (raw SQL, plain tables) is refused unless it says why it may
(`execution_options(unscoped="…")`), and a row may not be written outside the session's scope.
System work has a session of its own, opened with its reason.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import ClauseElement, ddl, dml, visitors
from sqlalchemy.sql.schema import Table

from app.models import Base, Scope, Scoped, Unscoped


class ScopeBreach(RuntimeError):
    """A statement would show or write what its session may not: a defect, not a user's fault."""


def open_session(maker: Any, scope: Scope | Unscoped) -> Session:
    """Return a session that obeys `scope`."""
    session: Session = maker()
    session.info["scope"] = scope
    if isinstance(scope, Scope):
        session.info["criteria"] = [
            with_loader_criteria(mapper.class_, mapper.class_.visible(scope), include_aliases=True)
            for mapper in Base.registry.mappers
            if issubclass(mapper.class_, Scoped)
        ]
    return session


@event.listens_for(Session, "do_orm_execute")
def _add_criteria(state: ORMExecuteState) -> None:
    scope = state.session.info.get("scope")
    if scope is None:
        raise ScopeBreach("This session was opened without a scope")
    if isinstance(scope, Unscoped) or state.execution_options.get("unscoped"):
        state.update_execution_options(guarded=True)
    elif state.is_orm_statement and (state.is_select or state.is_update or state.is_delete):
        state.update_execution_options(guarded=True)
        state.statement = state.statement.options(*state.session.info["criteria"])
    elif state.is_insert:
        state.update_execution_options(guarded=True)


def guard(engine: Engine) -> None:
    """Refuse what goes round the mapper on `engine`, unless it says why."""
    event.listen(engine, "before_execute", _refuse_bypass)
    event.listen(engine, "begin", lambda connection: connection.info.pop("flushing", None))


def _refuse_bypass(
    connection: Connection,
    clause: ClauseElement,
    _many: Any,
    _one: Any,
    options: Mapping[str, Any],
) -> None:
    merged = {**connection.get_execution_options(), **options}
    if merged.get("guarded") or merged.get("unscoped") or connection.info.get("flushing"):
        return
    if isinstance(clause, ddl.ExecutableDDLElement | dml.Insert):
        return
    if isinstance(clause, TextClause):
        raise ScopeBreach('Raw SQL needs execution_options(unscoped="why")')
    scoped = {
        mapper.local_table.name
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Scoped) and isinstance(mapper.local_table, Table)
    }
    touched = {part.name for part in visitors.iterate(clause) if isinstance(part, Table)} & scoped
    if touched:
        raise ScopeBreach(f"Unscoped access to {sorted(touched)}")


@event.listens_for(Session, "before_flush")
def _check_writes(session: Session, _context: Any, _instances: Any) -> None:
    """Check each row that is about to be written, and let the flush's own statements pass."""
    scope = session.info.get("scope")
    if isinstance(scope, Scope):
        for row in [*session.new, *session.dirty, *session.deleted]:
            if isinstance(row, Scoped) and not row.writable(scope):
                raise ScopeBreach(f"Write of {type(row).__name__} outside {scope}")
    session.connection().info["flushing"] = True


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: Any) -> None:
    session.connection().info["flushing"] = False


@event.listens_for(Session, "after_soft_rollback")
def _flush_failed(session: Session, _previous: Any) -> None:
    if session.is_active and session.in_transaction():
        session.connection().info["flushing"] = False
