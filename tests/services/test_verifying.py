"""What `verify` finds: chains, tables against engine, bundles, files."""

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text, update

from app.domain.casework import ItemStatus, WaitKind
from app.models.casework import Case, Deployment, Wait, WorkItem
from app.models.documents import DocumentRevision
from app.models.records import HistoryEntry
from app.services import verifying
from app.services.cases import ending
from app.services.verifying import Tally
from tests import drawn
from tests.casework import Play

STAFF, LEADER = "xingxian.staff1", "xingxian.deputy"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def verify(deps):
    def run():
        return [str(fault) for check in verifying.CHECKS for fault in check(deps, Tally())]

    return run


@pytest.fixture
def case(deps, play):
    drawn.deploy(deps, drawn.asking(), drawn.parent(), drawn.ticking())
    for procedure in ("parent", "ticking", "asking"):
        play.start(STAFF, procedure, ok="")
    play.run(LEADER, ending.cancel, play.start(STAFF, "ticking", ok=""), "撤")
    return play.start(STAFF)


def write(deps, *statements):
    with deps.system("test") as work:
        for statement in statements:
            work.session.execute(
                statement, execution_options={"unscoped": "test", "synchronize_session": False}
            )


def untrigger(deps):
    """Whoever owns the database can drop what keeps its history."""
    if deps.database.sqlite:
        names = ("history_no_update", "history_no_delete", "history_seal", "history_once")
        write(deps, *[text(f"DROP TRIGGER {name}") for name in names])
    else:
        write(deps, text("ALTER TABLE history DISABLE TRIGGER ALL"))


@pytest.mark.usefixtures("case")
def test_nothing_is_found_in_what_was_made_by_use_cases(deps, play, verify):
    play.through("draft_order", "serve_order")
    play.upload(STAFF)
    assert verify() == []
    tally = Tally()
    list(verifying.cases(deps, tally))
    assert tally.number == 5  # the child too


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (update(HistoryEntry).where(HistoryEntry.seq == 2).values(body='{"forged":1}'), 2),
        (update(HistoryEntry).where(HistoryEntry.seq == 1).values(hash=bytes(32)), 1),
        (delete(HistoryEntry).where(HistoryEntry.seq == 2), 2),
        (update(HistoryEntry).where(HistoryEntry.seq == 3).values(seq=77), 3),
    ],
)
def test_a_forged_history_is_found_where_it_begins(deps, play, verify, case, change, at):
    play.through("draft_order", "serve_order")
    untrigger(deps)
    write(deps, change.where(HistoryEntry.stream == "case", HistoryEntry.subject == case))
    assert verify() == [f"history case {case}: broken at entry {at}"]
    with deps.reading(play.actor("xingxian.auditor")) as work:
        assert verifying.chain_of(work, case).broken_at == at


@pytest.mark.usefixtures("case")
def test_each_stream_is_told_once(deps, play, verify):
    play.through("draft_order", "serve_order")
    untrigger(deps)
    write(deps, update(HistoryEntry).values(body="{}"))
    found = verify()
    assert len(found) == len(set(found)) > 3
    assert all("broken at entry 1" in fault for fault in found)


def test_tables_that_do_not_say_what_the_engine_says(deps, verify, case):
    write(deps, delete(Wait).where(Wait.kind == WaitKind.TIMER))
    (fault,) = verify()
    assert "the engine has timer" in fault
    write(
        deps,
        update(WorkItem).where(WorkItem.case_id == case, WorkItem.seq > 0).values(seq=99),
    )
    told = sorted(fault for fault in verify() if f"case {case}:" in fault)
    assert len(told) == 2
    assert "the engine has task" in told[0]
    assert told[1] == f"case {case}: the tables have task 99 at draft_order, the engine has not"


def test_states_that_cannot_be_read(deps, verify, case):
    write(deps, update(Case).where(Case.id == case).values(state=b"nonsense"))
    assert any("cannot be read" in fault for fault in verify())
    write(deps, update(Case).where(Case.id == case).values(state=None))
    assert f"case {case}: it runs without a state" in verify()


def test_what_is_open_in_a_case_that_ended(deps, play, verify, case, clock):
    play.run(LEADER, ending.cancel, case, "撤")
    write(
        deps,
        update(WorkItem)
        .where(WorkItem.case_id == case, WorkItem.seq > 0)
        .values(status=ItemStatus.OPEN, closed_at=None),
        insert(Wait).values(
            case_id=case, seq=9, kind=WaitKind.TIMER, node="x", rule="P1D", armed_at=clock.now
        ),
        update(Case).where(Case.id == case).values(state=b"x"),
    )
    assert len([fault for fault in verify() if f"case {case}: it ended" in fault]) == 3


@pytest.mark.usefixtures("case")
def test_a_bundle_that_was_changed(deps, verify):
    write(deps, update(Deployment).where(Deployment.procedure == "asking").values(digest="0" * 64))
    assert any("deployment asking v1" in fault for fault in verify())


def test_files_that_are_gone_or_changed(play, verify, tmp_path):
    play.upload(STAFF)
    files = sorted(path for path in Path(tmp_path / "files").glob("*/*"))
    files[0].write_bytes(b"changed")
    assert len(verify()) == 1
    files[0].unlink()
    assert len(verify()) == 1


def test_a_paper_whose_file_is_gone(deps, play, verify, tmp_path):
    play.start(STAFF)
    play.do(STAFF, "draft_order")
    with deps.system_reading("test") as work:
        digest = work.session.scalars(select(DocumentRevision.sha256)).one()
    assert verify() == []
    (path,) = Path(tmp_path / "files").glob(f"*/{digest}*")
    path.unlink()
    assert [fault.startswith(f"revision of a paper {digest}") for fault in verify()] == [True]


def test_auditors_see_whether_a_case_is_whole(deps, play, case):
    with deps.reading(play.actor("xingxian.auditor")) as work:
        chain = verifying.chain_of(work, case)
        assert (chain.entries, len(chain.head), chain.broken_at) == (1, 64, None)
    for other in ("fenyang.auditor", STAFF, LEADER):
        with deps.reading(play.actor(other)) as work:
            assert verifying.chain_of(work, case) is None
