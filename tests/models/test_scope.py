"""The scope guard: what holds, what is refused, and that nothing is left behind."""

import pytest
from sqlalchemy import delete, exists, func, insert, literal, select, text, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.models import Scope, Unscoped
from app.models.people import Account, Organisation, RoleGrant
from app.models.scope import ScopeBreach, open_session

COUNTY, FOREIGN = "141123", "141182"


@pytest.fixture
def ids(deps):
    """(ids of what lies in the county, ids of the rest), of organisations and of accounts."""
    with deps.system_reading("test") as work:
        found = {}
        for model in (Organisation, Account):
            rows = work.session.execute(select(model.id, model.place)).all()
            found[model] = (
                {i for i, place in rows if place.startswith(COUNTY)},
                {i for i, place in rows if not place.startswith(COUNTY)},
            )
    return found


@pytest.fixture
def admin():
    return Scope(account=0, areas=(COUNTY,), managed=(COUNTY,), organisations=())


@pytest.fixture
def session(deps, admin):
    with open_session(deps.database.writing, admin) as opened:
        yield opened


Org, A = Organisation, Account
OTHER = aliased(Organisation)

# Each statement returns ids of organisations, and only the county's may come back.
HOLDS = {
    "objects": lambda s: [o.id for o in s.scalars(select(Org))],
    "columns": lambda s: list(s.scalars(select(Org.id))),
    "a filter": lambda s: list(s.scalars(select(Org.id).where(Org.place > ""))),
    "an alias": lambda s: [o.id for o in s.scalars(select(OTHER))],
    "a column of an alias": lambda s: list(s.scalars(select(OTHER.id))),
    "a sub-query": lambda s: list(s.scalars(select(select(Org.id).subquery().c.id))),
    "a common table": lambda s: list(s.scalars(select(select(Org.id).cte().c.id))),
    "a union": lambda s: list(s.scalars(union_all(select(Org.id), select(Org.id)))),
    "an inner join": lambda s: list(
        s.scalars(select(RoleGrant.organisation_id).join(Org, Org.id == RoleGrant.organisation_id))
    ),
    "the join's other side": lambda s: list(
        s.scalars(select(Org.id).join(RoleGrant, Org.id == RoleGrant.organisation_id))
    ),
    "an outer join": lambda s: [
        i
        for i in s.scalars(
            select(Org.id)
            .select_from(RoleGrant)
            .outerjoin(Org, Org.id == RoleGrant.organisation_id)
        )
        if i is not None
    ],
    "exists": lambda s: list(
        s.scalars(
            select(RoleGrant.organisation_id).where(
                exists().where(Org.id == RoleGrant.organisation_id)
            )
        )
    ),
    "in a select": lambda s: list(
        s.scalars(
            select(RoleGrant.organisation_id).where(RoleGrant.organisation_id.in_(select(Org.id)))
        )
    ),
    "of one": lambda s: [s.scalar(select(func.min(Org.id)))],
    "a legacy query": lambda s: [o.id for o in s.query(Org)],
}


@pytest.mark.parametrize("case", HOLDS)
def test_a_query_shows_the_own_area_only(session, ids, case):
    inside, outside = ids[Organisation]
    found = set(HOLDS[case](session))
    assert found
    assert found <= inside, case
    assert not found & outside


def test_counts_are_those_of_the_area(session, ids):
    inside, _outside = ids[Organisation]
    assert session.scalar(select(func.count()).select_from(Org)) == len(inside)
    assert session.scalar(select(func.count(Org.id))) == len(inside)
    assert session.scalar(select(select(func.count(Org.id)).scalar_subquery())) == len(inside)
    assert session.query(Org).count() == len(inside)


@pytest.mark.parametrize("model", [Organisation, Account])
def test_get_finds_nothing_elsewhere(session, ids, model):
    inside, outside = ids[model]
    assert session.get(model, min(outside)) is None
    assert session.get(model, min(inside)).id == min(inside)


def test_bulk_changes_reach_the_own_area_only(deps, session, ids):
    inside, _outside = ids[Organisation]
    assert session.execute(update(Org).values(short="兴")).rowcount == len(inside)
    session.rollback()
    gone = session.execute(delete(RoleGrant).where(RoleGrant.organisation_id.in_(select(Org.id))))
    assert gone.rowcount > 0
    with deps.system_reading("test") as work:
        left = work.session.scalar(select(func.count()).where(Org.short == "兴"))
    assert left < len(inside)


def test_an_area_may_be_a_part_of_none(deps):
    nobody = Scope(account=0, areas=(), managed=(), organisations=())
    with open_session(deps.database.reading, nobody) as session:
        assert session.scalars(select(Org)).all() == []
        assert session.scalars(select(A)).all() == []


def test_the_scope_changes_with_the_session(deps):
    for place in (COUNTY, FOREIGN, "14", ""):
        scope = Scope(account=0, areas=(place,), managed=(), organisations=())
        with open_session(deps.database.reading, scope) as session:
            places = session.scalars(select(Org.place)).all()
        assert places
        assert all(found.startswith(place) for found in places)


def test_a_neighbour_whose_code_begins_alike_stays_outside(deps):
    with deps.system("test") as work:
        work.session.execute(
            text(
                "INSERT INTO division (place, name, zone, parent) VALUES"
                " ('1411230', 'x', false, NULL), ('141123K99', 'y', true, '141123')"
            ).execution_options(unscoped="test")
        )
        for place in ("1411230", "141123K99"):
            work.session.add(Org(kind="justice", place=place, name="司法", short=""))
    scope = Scope(account=0, areas=("141123K99",), managed=(), organisations=())
    with open_session(deps.database.reading, scope) as session:
        assert session.scalars(select(Org.place)).all() == ["141123K99"]


REFUSED = {
    "raw SQL": lambda s: s.execute(text("SELECT id FROM organisation")),
    "raw SQL of an unscoped table": lambda s: s.execute(text("SELECT 1")),
    "a plain table": lambda s: s.execute(select(Org.__table__)),
    "a plain table's count": lambda s: s.scalar(select(func.count()).select_from(Org.__table__)),
    "the connection": lambda s: s.connection().execute(select(Org.id)),
    "a plain update": lambda s: s.execute(update(Org.__table__).values(name="x")),
    "a plain delete": lambda s: s.execute(delete(Org.__table__)),
    "a plain insert": lambda s: s.execute(
        insert(Org.__table__), [{"kind": "justice", "place": COUNTY, "name": "x", "revision": 1}]
    ),
    "a statement of text": lambda s: s.scalars(
        select(Org).from_statement(text("SELECT * FROM organisation"))
    ),
    "a plain join": lambda s: s.execute(
        select(RoleGrant).join(Org.__table__, Org.__table__.c.id == RoleGrant.organisation_id)
    ),
    "a plain exists": lambda s: s.execute(
        select(RoleGrant).where(exists().where(Org.__table__.c.id == RoleGrant.organisation_id))
    ),
    "a plain scalar": lambda s: s.execute(
        select(RoleGrant.role, select(Org.__table__.c.name).limit(1).scalar_subquery())
    ),
    "an insert from a select": lambda s: s.execute(
        insert(RoleGrant.__table__).from_select(
            ["account_id", "role", "organisation_id"],
            select(Org.__table__.c.id, literal("staff"), Org.__table__.c.id),
        )
    ),
    "unscoped objects": lambda s: s.scalars(select(Org).execution_options(unscoped="test")).all(),
    "a bulk insert elsewhere": lambda s: s.execute(
        insert(Org), [{"kind": "justice", "place": FOREIGN, "name": "x", "revision": 1}]
    ),
    "a bulk insert without a place": lambda s: s.execute(insert(Org).values(name="x")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_way_round_is_refused(session, case):
    with pytest.raises(ScopeBreach):
        REFUSED[case](session)


def test_a_reason_opens_the_way_for_columns(session, ids):
    everything = select(Org.id).execution_options(unscoped="test")
    inside, outside = ids[Organisation]
    assert set(session.scalars(everything)) == inside | outside


def test_a_bulk_insert_in_the_own_area_is_let_through(session):
    session.execute(
        insert(Org), [{"kind": "justice", "place": COUNTY, "name": "新", "revision": 1}]
    )
    assert session.scalars(select(Org.name).where(Org.name == "新")).all() == ["新"]


def new(place):
    return Organisation(kind="justice", place=place, name="新单位", short="")


def test_rows_are_written_in_the_own_area_only(session):
    session.add(new(COUNTY))
    session.flush()
    session.add(new(FOREIGN))
    with pytest.raises(ScopeBreach):
        session.flush()


def test_a_row_cannot_be_moved_out(session):
    session.scalars(select(Org)).first().place = FOREIGN
    with pytest.raises(ScopeBreach):
        session.flush()


def test_a_row_cannot_be_fetched_by_moving_it(deps):
    """Who sees a wider area than they administer does not write there by changing the place."""
    scope = Scope(account=0, areas=("1411",), managed=(COUNTY,), organisations=())
    with open_session(deps.database.writing, scope) as session:
        foreign = session.scalars(select(Org).where(Org.place == FOREIGN)).first()
        foreign.place = COUNTY
        with pytest.raises(ScopeBreach):
            session.flush()


def test_a_foreign_row_cannot_be_deleted(deps):
    scope = Scope(account=0, areas=("1411",), managed=(COUNTY,), organisations=())
    with open_session(deps.database.writing, scope) as session:
        session.delete(session.scalars(select(Org).where(Org.place == FOREIGN)).first())
        with pytest.raises(ScopeBreach):
            session.flush()


def test_merging_does_not_steal_a_row(session, ids):
    _inside, outside = ids[Organisation]
    stolen = Org(id=min(outside), kind="justice", place=COUNTY, name="x", short="", revision=1)
    session.merge(stolen)
    with pytest.raises(IntegrityError):  # it is not there to be changed, so it would be a new row
        session.flush()


def test_a_session_without_a_scope_is_refused(deps):
    with Session(deps.database.engine) as session, pytest.raises(ScopeBreach):
        session.scalars(select(Org)).all()


def test_system_work_sees_everything(deps, ids):
    inside, outside = ids[Organisation]
    with open_session(deps.database.reading, Unscoped("test")) as session:
        assert set(session.scalars(select(Org.id))) == inside | outside


def test_nothing_leaks_after_a_failed_flush(deps, admin):
    """A flush opens the guard for its own statements; failing, it must not leave it open."""
    engine = deps.database.engine
    with open_session(deps.database.writing, admin) as session:
        taken = session.scalars(select(Org)).first()
        session.add(Org(kind=taken.kind, place=taken.place, name=taken.name, short=""))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()
        with pytest.raises(ScopeBreach):
            session.execute(select(Org.__table__))
    # every connection of the pool
    for _ in range(engine.pool.checkedin()):
        with engine.connect() as connection, pytest.raises(ScopeBreach):
            connection.execute(select(Org.__table__))


def test_nothing_leaks_after_a_failed_savepoint(deps, admin):
    with open_session(deps.database.writing, admin) as session:
        taken = session.scalars(select(Org)).first()
        savepoint = session.begin_nested()
        session.add(Org(kind=taken.kind, place=taken.place, name=taken.name, short=""))
        with pytest.raises(IntegrityError):
            session.flush()
        savepoint.rollback()
        with pytest.raises(ScopeBreach):
            session.execute(select(Org.__table__))


def test_one_sees_the_organisations_one_works_in(deps, ids):
    _inside, outside = ids[Organisation]
    scope = Scope(account=0, areas=(COUNTY,), managed=(), organisations=(min(outside),))
    with open_session(deps.database.reading, scope) as session:
        assert session.get(Org, min(outside)) is not None
        assert session.get(Org, max(outside)) is None


def test_an_account_is_seen_by_its_owner_and_its_administrators(deps, ids):
    _inside, outside = ids[Account]
    own, other = sorted(outside)[:2]
    scope = Scope(account=own, areas=("",), managed=(), organisations=())
    with open_session(deps.database.reading, scope) as session:
        assert session.scalars(select(A.id)).all() == [own]
        assert session.get(A, other) is None
