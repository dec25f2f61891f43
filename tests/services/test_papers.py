"""A paper from its draft to the public's question, with real typesetting and real signatures."""

import io
import json
import threading
import time
from datetime import timedelta

import pypdfium2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_timestamp
from sqlalchemy import select, update

from app.adapters import PapersOff
from app.adapters.signature.verifying import check
from app.domain import Conflict, Forbidden, Invalid, NotFound
from app.domain.documents import DocumentState
from app.models.documents import Document, NumberCounter, SignatureRecord, SigningKey
from app.models.people import Account, Organisation
from app.services import incidents, profile, sessions
from app.services.cases import ending
from app.services.demo.people import PIN
from app.services.documents import numbers, reading, voiding
from app.services.pdf import certificates, keys, sealing, signing, typesetting, verifying
from app.services.pdf.verifying import Verdict
from app.services.sweeping import Sweep
from app.services.tasks import commands
from tests import documents_made as made
from tests import fakes
from tests.casework import ANSWERS, Play
from tests.people import HERE

STAFF, SECOND, KEEPER, PLANT = (
    "xingxian.staff1",
    "xingxian.staff2",
    "xingxian.seal",
    "xingxian.plant",
)
HAZARDS = [
    {
        "description": "除尘系统未设置泄爆装置，作业人员王喆、刘镕堃未经培训",
        "place": "打磨车间",
        "basis": "违反《粉尘防爆安全规程》第6.4.1条",
        "class": "major",
        "criterion": "《工贸企业重大事故隐患判定标准》第十一条",
    },
    {
        "description": "配电房未设置警示标志",
        "place": "配电房",
        "basis": "违反《安全生产法》第三十五条",
        "class": "general",
        "deadline": "2026-11-30",
    },
]
ORDER = {**ANSWERS["draft_order"], "hazards": HAZARDS, "hazard_class": "major"}
real = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def printing(deps, actor):
    """A play whose papers are really typeset."""
    object.__setattr__(deps, "papers", fakes.papers(made.press()))
    return Play(deps, actor)


def drafted(play, **changes):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **{**ORDER, **changes})
    return case, play.papers(STAFF, case)[-1]


def sealed(play):
    case, _paper = drafted(play)
    play.finish_papers()
    return case, play.papers(STAFF, case)[-1]


def asked(play, data, address="203.0.113.9"):
    return verifying.by_file(play.deps, data, sessions.Origin(address))


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range() for page in document]
    return "".join("".join(pages).split())


@real
def test_what_is_printed_is_what_was_answered(printing):
    _case, paper = drafted(printing)
    pdf = printing.run(STAFF, reading.file, paper.id).data
    said = text_of(pdf)
    for part in (
        "安全生产行政执法文书责令限期整改指令书（兴）应急责改〔2026〕1号",
        "兴县蔚汾特种铸造有限公司（演示）：",
        "1．打磨车间：除尘系统未设置泄爆装置，作业人员王喆、刘镕堃未经培训。",
        "其中事故隐患1项属于重大事故隐患。",
        "对上述第2项问题于2026年11月30日前整改完毕，对上述第1项问题于2026年12月20日前整改完毕",
        "在60日内向兴县人民政府申请行政复议，或者在6个月内依法向兴县人民法院提起行政诉讼",
        "本指令不停止执行",
        "证号：14-000001证号：14-000002",
        "一式两份",
        "演示文书不具效力",
    ):
        assert part in said, said
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    assert [round(side) for side in document[0].get_size()] == [595, 842]
    assert len(document) == paper.pages
    record = bytes(document.get_attachment(0).get_data())
    view = printing.run(STAFF, reading.get, paper.id)
    assert json.loads(record) == view.data
    assert view.template_sha256 == printing.deps.papers.templates.digest
    assert printing.deps.files.get(view.template_sha256)
    # the same data and templates give the same bytes
    again = typesetting._file(
        printing.deps,
        typesetting.Waiting(paper.id, paper.kind, 0, None, record, view.template_sha256),
    )[0]
    assert again == pdf


@real
def test_a_long_order_goes_on_on_further_pages(printing):
    many = [{**HAZARDS[0], "description": "隐患" * 100} for _ in range(12)]
    _case, paper = drafted(printing, hazards=many)
    assert paper.pages > 2
    said = text_of(printing.run(STAFF, reading.file, paper.id).data)
    assert said.count("被检查单位负责人（签名）：") == paper.pages
    assert f"共{paper.pages}页第{paper.pages}页" in said


@real
def test_from_draft_to_the_publics_question(printing):
    play = printing
    _case, paper = sealed(play)
    assert paper.state is DocumentState.SEALED
    view = play.run(STAFF, reading.get, paper.id)
    assert [(s.slot, s.by) for s in view.signatures] == [
        ("officer1", "白建国（演示）"),
        ("officer2", "白志强（演示）"),
        ("seal", "白慎之（演示）"),
    ]
    assert [r.made_by for r in view.revisions] == ["", "officer1", "officer2", "seal"]
    files = [play.deps.files.get(r.sha256) for r in view.revisions]
    found = check(files[-1], keys.trust(play.deps), play.deps.clock())
    assert [(one.field, one.good) for one in found] == [
        ("officer1", True),
        ("officer2", True),
        ("seal", True),
    ]

    told = asked(play, files[-1])
    assert told.verdict is Verdict.ORIGINAL
    assert told.known.number == "（兴）应急责改〔2026〕1号"
    assert told.known.unit == "兴县＊＊＊＊有限公司"
    assert [s.name for s in told.known.signers] == ["白＊", "白＊", "兴县应急管理局"]
    assert asked(play, files[2]).verdict is Verdict.CUT_BACK
    assert asked(play, files[-1] + b"\n%").verdict is Verdict.ALTERED
    flipped = bytearray(files[-1])
    flipped[30_000] ^= 1
    altered = asked(play, bytes(flipped))
    assert altered.verdict is Verdict.ALTERED
    assert not any(one.good for one in altered.found)
    assert asked(play, fakes._empty_page()).verdict is Verdict.UNKNOWN
    assert asked(play, b"junk").verdict is Verdict.UNKNOWN

    by_code = verifying.by_code(play.deps, view.code.lower(), HERE)
    assert (by_code.verdict, by_code.known) == (Verdict.ORIGINAL, told.known)
    assert verifying.by_code(play.deps, "A" * 16, HERE).verdict is Verdict.UNKNOWN
    assert verifying.by_code(play.deps, "'; drop", HERE).known is None

    play.run("xingxian.head", voiding.void, paper.id, "事实有误")
    assert asked(play, files[-1]).verdict is Verdict.REVOKED
    assert verifying.by_code(play.deps, view.code, HERE).verdict is Verdict.REVOKED


@real
def test_a_preview_takes_what_is_given(printing):
    """Rows and fields that nobody types are on the paper as the case has them."""
    play = printing
    play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.do(STAFF, "serve_order")
    play.do("xingxian.plant", "plan")
    play.do("xingxian.plant", "rectify")
    item = next(row.id for row in play.todo(STAFF) if row.node == "reinspect")
    view = play.task(STAFF, item)
    (point,) = view.prefill["items"]
    typed = {"items": [{"result": "pass", "note": "现场核查已整改"}], "conclusion": "pass"}
    answers = {**view.prefill, **typed, "opinion": "同意予以销号", "officers": ORDER["officers"]}
    preview = play.run(STAFF, lambda work: typesetting.preview(play.deps, work, item, answers))
    assert point["hazard"] in text_of(preview).replace("\n", "")


@real
def test_a_draft_is_previewed_with_a_mark(printing):
    play = printing
    play.start(STAFF)
    item = play.todo(STAFF)[0].id
    with pytest.raises(Invalid) as wrong:
        play.run(STAFF, lambda work: typesetting.preview(play.deps, work, item, {}))
    assert "/hazards" in wrong.value.errors
    answers = {**play.task(STAFF, item).prefill, **ORDER, "check_place": "厂区"}
    answers |= {"plan_deadline": "2026-11-30", "precautions": "停用打磨工位"}
    preview = play.run(STAFF, lambda work: typesetting.preview(play.deps, work, item, answers))
    assert "预览" in text_of(preview)
    assert "〔2026〕号" in text_of(preview)
    with play.deps.system_reading("test") as work:
        assert work.session.scalars(select(NumberCounter)).all() == []


@real
def test_a_character_that_cannot_be_printed_is_said_at_its_field(printing):
    play = printing
    play.start(STAFF)
    with pytest.raises(Invalid) as wrong:
        play.do(
            STAFF,
            "draft_order",
            **{**ORDER, "hazards": [HAZARDS[0], {**HAZARDS[1], "place": "\U000323af车间"}]},
        )
    assert list(wrong.value.errors) == ["/hazards/1/place"]


@real
def test_one_page_is_made_signed_and_sealed_in_little_time(printing, capsys):
    play = printing
    for _ in range(2):
        sealed(play)
    spent = {}
    play.start(STAFF)
    play.do(STAFF, "draft_order", **ORDER)
    paper = play.run(STAFF, reading.find)[0][0]
    with play.deps.system_reading("test") as work:
        row = work.session.execute(
            select(Document.data, Document.template_sha256).where(Document.id == paper.id)
        ).one()
    waiting = typesetting.Waiting(paper.id, paper.kind, 0, None, row[0], row[1])
    for name, act in {
        "typeset (this process)": lambda: typesetting._file(play.deps, waiting),
        "sign": lambda: signing.prepare(play.deps, play.actor(STAFF), paper.id, PIN, paper.sha256),
    }.items():
        act()
        before = time.process_time()
        act()
        spent[name] = time.process_time() - before
    with capsys.disabled():
        print({name: f"{1000 * cpu:.0f} ms" for name, cpu in spent.items()})  # noqa: T201
    assert spent["sign"] < 0.15


class TestNumbers:
    def test_each_kind_and_year_counts_by_itself(self, play, clock):
        drafted(play)
        assert drafted(play)[1].number == "（兴）应急责改〔2026〕2号"
        clock.advance(days=60)
        later = {"hazards": [HAZARDS[0]], "deadline": "2027-03-20", "plan_deadline": "2027-02-10"}
        assert drafted(play, **later)[1].number == "（兴）应急责改〔2027〕1号"

    def test_none_is_left_out_when_threads_fail(self, deps):
        with deps.system_reading("test") as work:
            organ = work.session.scalars(select(Organisation.id).limit(1)).one()
        given, wrong = [], []

        def work_on(start):
            try:
                for turn in range(start, start + 10):
                    try:
                        with deps.system("test") as work:
                            _year, number = numbers.take(work, organ, "test")
                            if turn % 3 == 0:
                                1 / 0  # noqa: B018
                    except ZeroDivisionError:
                        continue
                    given.append(number)
            except Exception as error:  # noqa: BLE001
                wrong.append(error)

        threads = [threading.Thread(target=work_on, args=(start,)) for start in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert sorted(given) == list(range(1, len(given) + 1))

    def test_a_returned_order_is_void_and_keeps_its_number(self, play):
        case, first = drafted(play)
        item = next(row.id for row in play.todo(STAFF) if row.node == "sign_order")
        play.run(STAFF, commands.return_to, item, "draft_order", "隐患描述不准确")
        play.do(STAFF, "draft_order", **ORDER)
        old, new = play.papers(STAFF, case)
        assert (old.id, old.state, old.number) == (first.id, "void", first.number)
        assert (new.state, new.number) == ("signing", "（兴）应急责改〔2026〕2号")
        assert play.run(STAFF, reading.get, old.id).void_reason == "隐患描述不准确"

    def test_a_cancelled_case_voids_its_papers(self, play):
        case, _paper = drafted(play)
        play.run("xingxian.head", ending.cancel, case, "立案有误")
        assert [paper.state for paper in play.papers(STAFF, case)] == ["void"]


class TestSigning:
    def test_only_those_whom_the_paper_names(self, play):
        _case, paper = drafted(play)
        with pytest.raises(Forbidden):
            play.sign("xingxian.staff3", paper)
        with pytest.raises(Forbidden):
            play.sign("xingxian.head", paper)
        with pytest.raises(NotFound):
            play.sign("fenyang.staff1", paper)

    def test_exactly_the_file_that_was_shown(self, play):
        _case, paper = drafted(play)
        with pytest.raises(Conflict):
            signing.prepare(play.deps, play.actor(STAFF), paper.id, PIN, "0" * 64)

    def test_each_signs_once_and_two_are_needed(self, play):
        case, paper = drafted(play)
        play.sign(STAFF, paper)
        (paper,) = play.papers(STAFF, case)
        with pytest.raises(Conflict):
            play.sign(STAFF, paper)
        assert play.case(STAFF, case).current == ["countersign_order"]
        play.sign(SECOND, paper)
        assert play.case(STAFF, case).current == ["approve_seal"]

    def test_who_signed_a_paper_that_was_made_anew_may_countersign_the_next(self, play):
        case, paper = drafted(play)
        play.sign(STAFF, paper)
        (item,) = [row.id for row in play.todo(SECOND) if row.node == "countersign_order"]
        play.run(SECOND, commands.return_to, item, "draft_order", "隐患描述不准确")
        play.do(STAFF, "draft_order", **ORDER)
        play.sign(SECOND, play.papers(STAFF, case)[-1])
        play.sign(STAFF, play.papers(STAFF, case)[-1])
        assert play.case(STAFF, case).current == ["approve_seal"]

    def test_two_at_once_sign_one_after_the_other(self, play):
        _case, paper = drafted(play)
        first = signing.prepare(play.deps, play.actor(STAFF), paper.id, PIN, paper.sha256)
        second = signing.prepare(play.deps, play.actor(SECOND), paper.id, PIN, paper.sha256)
        play.run(STAFF, signing.register, first)
        with pytest.raises(Conflict):
            play.run(SECOND, signing.register, second)

    def test_the_task_is_not_closed_without_it(self, play):
        drafted(play)
        item = next(row.id for row in play.todo(STAFF) if row.node == "sign_order")
        with pytest.raises(Invalid):
            play.run(STAFF, commands.complete, item, {"checked": True})

    def test_a_new_pin_makes_a_new_key(self, play):
        case, paper = drafted(play)
        play.sign(STAFF, paper)
        play.run(STAFF, profile.change_pin, "739106")
        play.sign(SECOND, play.papers(STAFF, case)[-1])
        account = play.actor(STAFF).id
        first = keys.of_person(play.deps, account, "739106")
        assert keys.of_person(play.deps, account, "739106").id == first.id
        with pytest.raises(Invalid):
            keys.of_person(play.deps, account, PIN)

    def test_a_wrong_pin_is_counted(self, deps, play):
        with deps.system_reading("test") as work:
            account = work.session.scalars(select(Account).filter_by(username=STAFF)).one()
        person = sessions.SignedIn(
            b"", play.actor(STAFF), account.username, None, "", False, deps.clock()
        )
        for _ in range(5):
            with pytest.raises(Invalid):
                sessions.confirm(deps, person, "000000", HERE, "/pin", pin=True)
        with pytest.raises(sessions.TooMany):
            sessions.confirm(deps, person, PIN, HERE, "/pin", pin=True)

    def test_an_unknown_licence_is_said_at_its_field(self, play):
        play.start(STAFF)
        strange = [ORDER["officers"][0], {"name": "某某", "certificate": "99-1"}]
        with pytest.raises(Invalid) as wrong:
            play.do(STAFF, "draft_order", **{**ORDER, "officers": strange})
        assert list(wrong.value.errors) == ["/officers/1/certificate"]

    def test_nobody_signs_under_another_name(self, play):
        play.start(STAFF)
        first, second = ORDER["officers"]
        forged = [first, {**second, "name": "白守正"}]
        with pytest.raises(Invalid) as wrong:
            play.do(STAFF, "draft_order", **{**ORDER, "officers": forged})
        assert list(wrong.value.errors) == ["/officers/1/name"]

    def test_a_service_is_proved_by_two_of_the_bureau(self, play):
        case, _paper = sealed(play)
        (task,) = [row for row in play.open_of(case) if row.node == "serve_order"]
        nobody = {"name": "查无此人", "certificate": "00-00000"}
        for officers, at in (
            ([nobody, nobody], "/officers/0/certificate"),
            ([ORDER["officers"][0]] * 2, "/officers/1/certificate"),
        ):
            with pytest.raises(Invalid) as wrong:
                play.complete(STAFF, task.id, officers=officers)
            assert at in wrong.value.errors

    def test_a_revoked_certificate_revokes_what_it_signed(self, play):
        _case, paper = sealed(play)
        pdf = play.run(STAFF, reading.file, paper.id).data
        account = play.actor(SECOND).id
        with play.deps.system_reading("test") as work:
            key = work.session.scalars(select(SigningKey.id).filter_by(account_id=account)).one()
        with pytest.raises(NotFound):
            play.run("fenyang.admin", certificates.revoke, key, "不归我管")
        play.run("xingxian.admin", certificates.revoke, key, "口令泄露")
        assert asked(play, pdf).verdict is Verdict.REVOKED
        play.deps.clock.advance(minutes=1)
        found = check(pdf, keys.trust(play.deps), play.deps.clock())
        assert [one.good for one in found] == [True, False, True]


class TestSealing:
    def test_the_keeper_is_neither_drafter_nor_signer(self, play, deps):
        case, paper = drafted(play)
        play.sign(STAFF, paper)
        play.sign(SECOND, play.papers(STAFF, case)[-1])
        item = play.todo(KEEPER)[0].id
        with pytest.raises(Forbidden):
            play.run(STAFF, commands.complete, item, {"approved": True})
        play.do(KEEPER, "approve_seal")
        assert play.papers(STAFF, case)[-1].state == "signing"  # the job has not run yet
        deps.jobs.drain(deps)
        assert play.papers(STAFF, case)[-1].state == "sealed"

    def test_a_job_done_twice_seals_once(self, play, deps):
        _case, paper = sealed(play)
        view = play.run(STAFF, reading.get, paper.id)
        assert len(view.revisions) == 4
        assert not sealing.seal(deps, paper.id)
        assert not typesetting.render(deps, paper.id)

    def test_a_worker_that_died_before_registering_is_resumed_once(self, play, deps, monkeypatch):
        case = play.start(STAFF)
        register, tries = typesetting._register, []

        def dies(*args):
            tries.append(args)
            if len(tries) == 1:
                raise KeyboardInterrupt
            return register(*args)

        monkeypatch.setattr(typesetting, "_register", dies)
        with pytest.raises(KeyboardInterrupt):
            play.do(STAFF, "draft_order", **ORDER)
        (paper,) = play.papers(STAFF, case)
        assert (paper.state, paper.sha256) == ("issued", None)
        assert typesetting.render(deps, paper.id)
        assert not typesetting.render(deps, paper.id)
        view = play.run(STAFF, reading.get, paper.id)
        assert (view.row.state, len(view.revisions)) == ("signing", 1)
        assert play.case(STAFF, case).current == ["sign_order"]


def test_a_lost_job_is_handed_out_again(play, deps, clock, monkeypatch):
    case = play.start(STAFF)
    monkeypatch.setattr(fakes.Jobs, "drain", lambda *_: [])
    play.do(STAFF, "draft_order", **ORDER)
    monkeypatch.undo()
    deps.jobs.waiting.clear()
    sweep = Sweep(deps)
    sweep.run()
    deps.jobs.drain(deps)
    assert play.papers(STAFF, case)[0].state == "issued"
    clock.advance(minutes=6)
    sweep.run()
    deps.jobs.drain(deps)
    assert play.papers(STAFF, case)[0].state == "signing"


def test_without_fonts_the_case_waits_with_an_incident(play, deps, monkeypatch):
    def off(_order):
        raise PapersOff("missing", "python3 manage.py papers")

    monkeypatch.setattr(deps.papers.press, "typeset", off)
    case, _paper = drafted(play)
    assert play.case(STAFF, case).current == ["issue_order"]
    (row,) = play.run("xingxian.admin", incidents.find)
    assert row.fault.startswith("PapersOff ")
    assert "manage.py papers" in incidents.trace(deps, row.id)
    with pytest.raises(Conflict):
        play.run("xingxian.admin", incidents.close, row.id, "跳过")
    monkeypatch.undo()
    play.run("xingxian.admin", incidents.retry, row.id)
    deps.jobs.drain(deps)
    assert play.case(STAFF, case).current == ["sign_order"]
    assert play.run("xingxian.admin", incidents.find) == []


def test_service_is_recorded_and_proved(play, deps):
    case, paper = sealed(play)
    with pytest.raises(NotFound):
        play.run(PLANT, reading.get, paper.id)
    play.do(STAFF, "serve_order", officers=ORDER["officers"])
    deps.jobs.drain(deps)
    order, receipt = play.papers(STAFF, case)
    assert (order.state, receipt.kind, receipt.state) == ("served", "service_receipt", "sealed")
    view = play.run(PLANT, reading.get, order.id)  # who was served may read it
    assert view.service.receipt_id == receipt.id
    with pytest.raises(NotFound):
        play.run(PLANT, reading.get, receipt.id)
    actions = [line.action for line in play.case(STAFF, case).history]
    assert {"document.issue", "document.register", "document.sign", "document.serve"} <= {*actions}
    assert PIN not in json.dumps([line.detail for line in play.case(STAFF, case).history])


@real
def test_the_proof_of_service_lasts_as_long_as_the_order(printing):
    play = printing
    case, _order = sealed(play)
    play.do(STAFF, "serve_order", officers=ORDER["officers"])
    play.deps.jobs.drain(play.deps)
    order, receipt = play.papers(STAFF, case)
    trust, now = keys.trust(play.deps), play.deps.clock()
    for paper in (order, receipt):
        reader = PdfFileReader(io.BytesIO(play.run(STAFF, reading.file, paper.id).data))
        (stamp,) = reader.embedded_timestamp_signatures
        over_all = validate_pdf_timestamp(stamp, trust.context(now))
        assert (over_all.intact, over_all.valid, over_all.trusted) == (True, True, True)
        assert over_all.modification_level.name in {"NONE", "LTA_UPDATES"}
        store = DocumentSecurityStore.read_dss(reader)
        assert (len(store.certs), len(store.crls)) >= (3, 2)
    receipt_file = play.run(STAFF, reading.file, receipt.id).data
    found = check(receipt_file, trust, now)
    assert [(one.field, one.good, one.signer) for one in found] == [
        ("seal", True, "兴县应急管理局")
    ]
    assert "文书送达回证（兴）应急送达〔2026〕1号" in text_of(receipt_file)
    assert asked(play, receipt_file).verdict is Verdict.ORIGINAL
    assert asked(play, receipt_file + b"\n%").verdict is Verdict.ALTERED


class TestProofOfService:
    """It is sealed by a job that no case waits for."""

    @pytest.fixture
    def served(self, play, monkeypatch):
        """A case whose order was served, its proof still to be typeset."""
        case, _order = sealed(play)
        monkeypatch.setattr(fakes.Jobs, "drain", lambda *_: [])
        play.do(STAFF, "serve_order", officers=ORDER["officers"])
        monkeypatch.undo()
        return case

    def test_it_outlives_its_case(self, play, deps, served):
        play.run("xingxian.head", ending.cancel, served, "立案有误")
        deps.jobs.drain(deps)
        assert [paper.state for paper in play.papers(STAFF, served)] == ["served", "sealed"]
        play.deps.jobs.waiting.clear()

    def test_a_lost_job_is_handed_out_again(self, play, deps, clock, served):
        receipt = play.papers(STAFF, served)[1]
        deps.jobs.waiting.clear()
        typesetting.render(deps, receipt.id)
        deps.jobs.waiting.clear()
        assert play.papers(STAFF, served)[1].state == "signing"
        clock.advance(minutes=6)
        Sweep(deps).run()
        deps.jobs.drain(deps)
        assert play.papers(STAFF, served)[1].state == "sealed"

    @pytest.mark.parametrize("module", [typesetting, sealing])
    def test_what_failed_is_one_incident_until_it_is_done(
        self, play, deps, served, module, monkeypatch
    ):
        def broken(*_args):
            raise OSError("no space left")

        def incidents_now():
            return play.run("xingxian.admin", incidents.find)

        monkeypatch.setattr(module, "_file" if module is typesetting else "_sealed", broken)
        deps.jobs.drain(deps)  # each job is done twice
        (row,) = incidents_now()
        assert (row.attempts, row.fault.partition(" ")[0]) == (2, "OSError")
        with pytest.raises(Conflict):
            play.run("xingxian.admin", incidents.close, row.id, "跳过")
        monkeypatch.undo()
        play.run("xingxian.admin", incidents.retry, row.id)
        deps.jobs.drain(deps)
        assert incidents_now() == []
        assert play.papers(STAFF, served)[1].state == "sealed"

    def test_an_approval_that_is_gone_is_an_incident(self, play, deps, served):
        with deps.system("test") as work:
            work.session.execute(
                update(SignatureRecord).filter_by(slot="seal").values(account_id=None),
                execution_options={"unscoped": "test", "synchronize_session": False},
            )
        deps.jobs.drain(deps)
        (row,) = play.run("xingxian.admin", incidents.find)
        assert row.fault.startswith("CaseFault ")
        receipt = play.papers(STAFF, served)[1]
        assert receipt.state == "signing"
        code = play.run(STAFF, reading.get, receipt.id).code
        assert verifying.by_code(deps, code, HERE).verdict is Verdict.UNKNOWN


def test_an_incident_of_a_void_paper_can_be_closed(play, deps, monkeypatch):
    def off(_order):
        raise PapersOff("missing", "python3 manage.py papers")

    monkeypatch.setattr(deps.papers.press, "typeset", off)
    case, _paper = drafted(play)
    (row,) = play.run("xingxian.admin", incidents.find)
    play.run("xingxian.head", ending.cancel, case, "立案有误")
    play.run("xingxian.admin", incidents.close, row.id, "案件已终止")
    assert play.run("xingxian.admin", incidents.find) == []


def test_the_register_is_narrowed_and_bounded(play):
    _case, paper = drafted(play)
    for words, count in (("责改〔2026〕1号", 1), ("蔚汾", 1), ("没有", 0)):
        wanted = reading.DocumentFilter(q=words)
        assert len(play.run(STAFF, reading.find, wanted)[0]) == count
    assert play.run(STAFF, reading.find, reading.DocumentFilter(state="void"))[0] == []
    assert len(play.run("lvliang.staff1", reading.find)[0]) == 1
    for stranger in ("fenyang.staff1", "fenyang.auditor", PLANT):
        assert play.run(stranger, reading.find)[0] == []
        with pytest.raises(NotFound):
            play.run(stranger, reading.get, paper.id)
    with pytest.raises(Forbidden):
        play.run("xingxian.admin", reading.find)


def test_only_leaders_revoke_and_only_what_is_complete(play):
    _case, paper = drafted(play)
    with pytest.raises(Conflict):
        play.run("xingxian.head", voiding.void, paper.id, "错了")
    with pytest.raises(Forbidden):
        play.run(STAFF, voiding.void, paper.id, "错了")


def test_the_public_page_is_not_asked_too_often(play, clock):
    here = sessions.Origin("203.0.113.77")
    for _ in range(verifying.MOST_CODES):
        verifying.by_code(play.deps, "A" * 16, here)
    with pytest.raises(sessions.TooMany):
        verifying.by_code(play.deps, "A" * 16, here)
    clock.advance(seconds=timedelta(minutes=11).total_seconds())
    assert verifying.by_code(play.deps, "A" * 16, here).verdict is Verdict.UNKNOWN
    with pytest.raises(Invalid):
        verifying.by_file(play.deps, b"", here)


def test_what_is_not_complete_is_unknown_to_the_public(play):
    _case, paper = drafted(play)
    view = play.run(STAFF, reading.get, paper.id)
    assert verifying.by_code(play.deps, view.code, HERE).verdict is Verdict.UNKNOWN
    pdf = play.run(STAFF, reading.file, paper.id).data
    assert asked(play, pdf).verdict is Verdict.UNKNOWN
