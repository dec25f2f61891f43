"""The scope guard: a session shows only what its actor may know of.

Every select, update and delete on a mapped, scoped class gets the class's own condition. Whatever
goes round the mapper (raw SQL, plain tables) is refused unless it says why it may
(`execution_options(unscoped="…")`), and a row may not be written outside the session's scope,
neither as it was nor as it becomes. System work has a session of its own, opened with its reason.

What says `unscoped` in a scoped session may fetch columns, not rows as objects: these would stay in
the session and come back to questions that no longer say so.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Column, Connection, Engine, TextClause, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.context import FromStatement
from sqlalchemy.sql import ClauseElement, ddl, dml, visitors
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.sql.schema import Table

from app.models import Base, Scope, Scoped, Unscoped


class ScopeBreach(RuntimeError):
    """A statement would show or write what its session may not: a defect, not a user's fault."""


def open_session(maker: Any, scope: Scope | Unscoped) -> Session:
    """Return a session that obeys `scope`."""
    session: Session = maker()
    session.info["scope"] = scope
    return session


@lru_cache(maxsize=1024)
def _criteria(scope: Scope) -> dict[str, tuple[ExecutableOption, frozenset[str]]]:
    """Return the condition of every scoped class by its table, and which others this one names."""
    found: dict[str, tuple[ExecutableOption, frozenset[str]]] = {}
    for name, class_ in _scoped_tables().items():
        condition = class_.visible(scope)
        asks = with_loader_criteria(class_, condition, include_aliases=True)
        found[name] = asks, _named(condition)
    return found


@lru_cache(maxsize=8192)
def _asked(scope: Scope, tables: frozenset[str]) -> tuple[ExecutableOption, ...]:
    """Return the conditions of those tables, and of all that these conditions name in turn.

    Each condition of a statement is gone through whenever it is run: those of all classes would
    cost more than the rest of it.
    """
    criteria, left, needed = _criteria(scope), set(tables), set[str]()
    while left:
        name = left.pop()
        if name in criteria and name not in needed:
            needed.add(name)
            left |= criteria[name][1]
    return tuple(asks for name, (asks, _names) in criteria.items() if name in needed)


@cache
def _scoped_tables() -> dict[str, type[Scoped]]:
    return {
        mapper.local_table.name: mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Scoped) and isinstance(mapper.local_table, Table)
    }


def _named(clause: ClauseElement) -> frozenset[str]:
    """Return the tables that a statement or a condition names, in whatever part of it."""
    parts = [part for part in visitors.iterate(clause) if isinstance(part, Table | Column)]
    return frozenset(part.name if isinstance(part, Table) else part.table.name for part in parts)


@event.listens_for(Session, "do_orm_execute")
def _add_criteria(state: ORMExecuteState) -> None:
    scope = state.session.info.get("scope")
    if scope is None:
        raise ScopeBreach("This session was opened without a scope")
    if isinstance(scope, Unscoped):
        state.update_execution_options(guarded=True)
    elif state.execution_options.get("unscoped"):
        _refuse_objects(state)
        state.update_execution_options(guarded=True)
    elif state.is_insert:
        _check_rows(state, scope)
    elif state.is_orm_statement:
        tables = _refuse_plain(state.statement)
        state.update_execution_options(guarded=True)
        state.statement = state.statement.options(*_asked(scope, tables))


def _refuse_objects(state: ORMExecuteState) -> None:
    """Let no object of a scoped class enter a scoped session round the guard."""
    for column in getattr(state.statement, "column_descriptions", ()):
        kind = column["type"]
        if isinstance(kind, type) and issubclass(kind, Scoped):
            raise ScopeBreach(f"Unscoped {kind.__name__} objects in a scoped session")


def _refuse_plain(statement: Any) -> frozenset[str]:
    """Refuse what would take part in a mapped statement without the class's condition.

    Returned are the tables that take part in it.
    """
    if isinstance(statement, FromStatement):
        raise ScopeBreach("A statement written by hand takes no condition")
    plain, mapped, named = set(), set(), set[str]()
    for part in visitors.iterate(statement):
        if isinstance(part, Table | Column):
            name = part.name if isinstance(part, Table) else part.table.name
            named.add(name)
            # SQLAlchemy marks what came from a class; its columns bring the table unmarked.
            if "parententity" in part._annotations:  # noqa: SLF001
                mapped.add(name)
            elif isinstance(part, Column) and name in _scoped_tables():
                plain.add(name)
    if plain - mapped:
        raise ScopeBreach(f"Plain columns of {sorted(plain - mapped)} in a mapped statement")
    return frozenset(named)


def _check_rows(state: ORMExecuteState, scope: Scope) -> None:
    """Check the rows of a bulk insert as a flush would."""
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, Scoped):
        return
    rows = state.parameters
    for row in [rows] if isinstance(rows, Mapping) else rows or [{}]:
        try:
            right = mapper.class_.writable(_row(row), scope)
        except AttributeError:
            right = False
        if not right:
            raise ScopeBreach(f"Insert of {mapper.class_.__name__} outside {scope}")
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
    # The options are those of the statement, the connection and the engine together.
    if options.get("glancing") and isinstance(clause, dml.UpdateBase):
        raise ScopeBreach("What only glances writes nothing")
    if options.get("guarded") or options.get("unscoped") or connection.info.get("flushing"):
        return
    if isinstance(clause, ddl.ExecutableDDLElement):
        return
    if isinstance(clause, TextClause):
        raise ScopeBreach('Raw SQL needs execution_options(unscoped="why")')
    if isinstance(clause, dml.Insert) and clause.select is None and not _into_scoped(clause):
        return
    if touched := _named(clause) & _scoped_tables().keys():
        raise ScopeBreach(f"Unscoped access to {sorted(touched)}")


def _into_scoped(insert: dml.Insert) -> bool:
    return isinstance(insert.table, Table) and insert.table.name in _scoped_tables()


@event.listens_for(Session, "before_flush")
def _check_writes(session: Session, _context: Any, _instances: Any) -> None:
    """Check each row that is about to be written, and let the flush's own statements pass."""
    scope = session.info.get("scope")
    if isinstance(scope, Scope):
        for row in [*session.new, *session.dirty, *session.deleted]:
            if isinstance(row, Scoped) and not (
                row.writable(scope) and type(row).writable(_as_loaded(row), scope)
            ):
                raise ScopeBreach(f"Write of {type(row).__name__} outside {scope}")
    info = session.connection().info
    info["flushing"] = True
    session.info["flushing"] = info


def _as_loaded(row: Scoped) -> Any:
    """Return the row as the database has it: nobody fetches a foreign row by changing its place."""
    state = inspect(row)
    return _row({**state.dict, **state.committed_state}) if state.persistent else row


def _row(values: Mapping[str, Any]) -> Any:
    """Return something that has a row's attributes, as `writable` asks for them."""
    return SimpleNamespace(**values)


@event.listens_for(Session, "after_flush")
@event.listens_for(Session, "after_soft_rollback")
def _flushed(session: Session, _context: Any) -> None:
    """End what `_check_writes` opened, whether the flush went well or not."""
    info = session.info.pop("flushing", None)
    if info is not None:
        info["flushing"] = False
