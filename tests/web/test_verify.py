"""The public page of verification, as a citizen and as an attacker see it: every state, both ways."""

import io
from datetime import UTC, datetime

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from sqlalchemy import func, select, update

from app.adapters.signature import authority
from app.models.documents import Document, Lookup
from app.services.documents import reading, voiding
from app.services.pdf import certificates, renewing, verifying
from app.web.verify import PLACES
from tests import fakes
from tests.casework import ANSWERS, PLANT, Play
from tests.people import token

STAFF, HEAD, ADMIN = "xingxian.staff1", "xingxian.head", "xingxian.admin"
NOBODY = "AAAABBBBCCCCDDDD"
PEOPLE = ("白建国", "白志强", "白慎之", PLANT, "蔚汾")


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def sealed(play, case=None):
    case = case or play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    play.finish_papers()
    paper = play.papers(STAFF, case)[-1]
    return paper, play.run(STAFF, reading.get, paper.id)


def named(pdf, code):
    """The same file with a code among what it says of itself, as really typeset papers have it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    told = {generic.pdf_name("/Keywords"): generic.pdf_string(code)}
    writer.set_info(writer.add_object(generic.DictionaryObject(told)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


class Stranger:
    """Somebody without an account."""

    def __init__(self, app, language="zh", address="198.51.100.7"):
        self.browser = app.test_client()
        self.browser.get(f"/language/{language}")
        self.where = {"REMOTE_ADDR": address}

    def by_code(self, code):
        return self.browser.get(f"/v/{code}", environ_base=self.where)

    def by_file(self, data):
        sent = {"file": (io.BytesIO(data), "a.pdf")}
        return self.browser.post("/verify", data=sent, environ_base=self.where)

    def api(self, data):
        sent = {"file": (io.BytesIO(data), "a.pdf")}
        answer = self.browser.post("/api/v1/documents/verify", data=sent, environ_base=self.where)
        return answer.json


@pytest.fixture
def stranger(app):
    return Stranger(app)


def test_every_state_by_code_and_by_file(app, play, deps, clock, stranger, monkeypatch):
    monkeypatch.setitem(authority.LIFE, "stamp", 6 * authority.YEAR)
    paper, view = sealed(play)
    monkeypatch.undo()
    files = [deps.files.get(one.sha256) for one in view.revisions]
    altered = named(files[-1], view.code)
    english = Stranger(app, "en")

    def says(answer, *words):
        assert answer.status_code == 200
        for word in words:
            assert word in answer.text, word
        for name in PEOPLE:
            assert name not in answer.text, name

    says(stranger.by_code(view.code), "已登记", paper.number, "请上传 PDF 文件")
    spaced = "-".join(view.code[n : n + 4] for n in range(0, 16, 4)).lower()
    says(stranger.by_code(spaced), "已登记")
    says(
        stranger.by_file(files[-1]), "是登记的原件", "兴县＊＊＊＊有限公司", "白＊", view.row.sha256
    )
    says(english.by_file(files[-1]), "The registered original")
    says(
        stranger.by_file(altered),
        "已被改动",
        "登记的签名和印章",
        "您提交的文件上的签名",
        "执法人员二",
        "单位印章",
    )
    for cut in files[:-1]:
        says(stranger.by_file(cut), "签名不全", "不是生效的文书")
    says(stranger.by_file(b"%PDF-1.7 junk"), "没有登记")
    says(stranger.by_code(NOBODY), "没有登记")

    clock.now = datetime(2031, 3, 1, 1, tzinfo=UTC)
    renewing.renew_all(deps)
    renewed = play.run(STAFF, reading.file, paper.id).data
    clock.now = datetime(2034, 3, 1, 1, tzinfo=UTC)
    says(stranger.by_file(files[-1]), "时间戳已过期", "向其索取新的文件")
    says(stranger.by_file(renewed), "是登记的原件")
    says(stranger.by_code(view.code), "已登记")

    play.run(HEAD, voiding.void, paper.id, "事实有误，张三举报")
    for answer in (stranger.by_code(view.code), stranger.by_file(renewed)):
        says(answer, "已撤销", "撤销时间", "不再有效")
        assert "张三" not in answer.text  # why, is nobody's business
    assert stranger.api(renewed)["status"] == "revoked"


def test_what_was_made_anew_is_told_where_the_old_one_is_asked_for(play, deps, stranger, app):
    paper, view = sealed(play)
    file = play.run(STAFF, reading.file, paper.id).data
    play.run(HEAD, voiding.void, paper.id, "事实有误")
    assert "已撤销" in stranger.by_file(file).text
    other, _view = sealed(play)  # of another case: it takes no place of this one
    assert "已撤销" in stranger.by_code(view.code).text
    with deps.system("test") as work:  # the step was done again in the same case
        here = select(Document.item_id, Document.case_id).where(Document.id == paper.id)
        item, case = work.session.execute(here).one()
        work.session.execute(
            update(Document).where(Document.id == other.id).values(item_id=item, case_id=case),
            execution_options={"unscoped": "test", "synchronize_session": False},
        )
    for answer in (stranger.by_code(view.code), stranger.by_file(file)):
        assert "已被替代" in answer.text
        assert "请以新的文书为准" in answer.text
        assert other.number in answer.text
    told = stranger.api(file)
    assert (told["status"], told["document"]["replaced_by"]) == ("replaced", other.number)
    assert "Replaced" in Stranger(app, "en").by_code(view.code).text
    play.run(HEAD, voiding.void, other.id, "又有误")
    assert "已撤销" in stranger.by_code(view.code).text


def test_a_revoked_certificate_and_the_words_of_an_attacker(play, deps, stranger):
    paper, view = sealed(play)
    file = play.run(STAFF, reading.file, paper.id).data
    forged = named(file, view.code)
    # Who hands a file in chooses what it calls its fields: nothing of it is repeated.
    hostile = forged.replace(b"(officer1)", b"(<b>ok</b)")
    assert hostile != forged
    page = stranger.by_file(hostile).text
    assert "不是文书上的签名位置" in page
    assert "ok" not in page.split('id="result"')[1].split("verify-ways")[0]
    organisation = view.row.organisation
    with deps.system_reading("test") as work:
        of = select(Document.organisation_id).where(Document.id == paper.id)
        rows, _more = certificates.of_organisation, None
        number = work.session.scalar(of)
    listed, _more = play.run(ADMIN, rows, number)
    seal = next(one for one in listed if one.holder == organisation)
    play.run(ADMIN, certificates.revoke, seal.id, "印章遗失")
    page = stranger.by_file(file).text
    assert "已撤销" in page
    assert "印章遗失" not in page


def test_what_is_not_complete_is_as_unknown_as_what_is_not_there(play, deps, stranger):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    (paper,) = play.papers(STAFF, case)
    view = play.run(STAFF, reading.get, paper.id)
    answers = [stranger.by_code(code).text for code in (view.code, NOBODY)]
    assert answers[0].replace(view.code, NOBODY) == answers[1]
    unfinished = deps.files.get(view.row.sha256)
    answers = [stranger.by_file(data).text for data in (unfinished, fakes._empty_page())]
    assert all("没有登记" in one and paper.number not in one for one in answers)


def test_codes_are_not_tried_one_by_one_and_nothing_but_the_address_is_kept(
    app, play, deps, clock, stranger
):
    _paper, view = sealed(play)
    for odd in ("x", "A" * 17, "'; DROP", "AAAA BBBB CCCC DDD9"):
        answer = stranger.browser.get(
            "/verify", query_string={"code": odd}, environ_base=stranger.where
        )
        assert answer.status_code == 422, odd
        assert "核验码为 16 位字母和数字" in answer.text
    for _ in range(verifying.MOST_CODES):
        assert stranger.by_code(NOBODY).status_code == 200
    refused = stranger.by_code(view.code)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "600")
    assert view.row.number not in refused.text
    assert "查询次数过多" in refused.text
    answer = stranger.browser.get(f"/api/v1/verify/{view.code}", environ_base=stranger.where)
    assert answer.status_code == 429  # the other way in is the same way in
    assert Stranger(app, address="203.0.113.77").by_code(view.code).status_code == 200
    for _ in range(verifying.MOST_FILES):
        stranger.by_file(b"junk")
    assert stranger.by_file(b"junk").status_code == 429
    with deps.system_reading("test") as work:
        columns = {column.name for column in Lookup.__table__.columns}
        assert work.session.scalar(select(func.count()).select_from(Lookup))
    assert columns == {"id", "address", "upload", "at"}
    clock.advance(minutes=11)
    assert stranger.by_code(view.code).status_code == 200


@pytest.mark.parametrize("many", [b"startxref\n0\n", b"1 0 obj\n"])
def test_a_file_made_to_keep_us_busy_is_not_read(stranger, many, monkeypatch):
    monkeypatch.setattr(
        "app.adapters.signature.verifying.PdfFileReader", lambda _data: pytest.fail("it was read")
    )
    assert "没有登记" in stranger.by_file(b"%PDF-1.7\n" + many * 30_000).text


def test_a_file_too_large_is_refused_before_it_is_looked_at(stranger, monkeypatch):
    monkeypatch.setattr(verifying, "MOST_BYTES", 1000)
    assert stranger.by_file(b"x" * 1001).status_code == 422


def test_no_more_of_a_file_is_taken_into_memory_than_may_be_asked_about(stranger, monkeypatch):
    taken, by_file = [], verifying.by_file

    def noted(deps, data, who):
        taken.append(len(data))
        return by_file(deps, data, who)

    monkeypatch.setattr(verifying, "MOST_BYTES", 1000)
    monkeypatch.setattr(verifying, "by_file", noted)
    assert stranger.by_file(b"x" * 5000).status_code == 422
    assert taken == [1001]


def test_what_the_public_is_told_needs_no_account_and_gives_none(app, play, client):
    _paper, view = sealed(play)
    page = client(STAFF).get(f"/documents/{view.row.id}").text
    assert f"/v/{view.code}" in page
    answer = app.test_client().get(f"/api/v1/verify/{view.code}", headers=token(app, STAFF))
    mine, public = answer.json, app.test_client().get(f"/api/v1/verify/{view.code}").json
    assert mine == public


def test_every_place_of_a_signature_has_its_words(deps):
    kinds = deps.papers.templates.kinds.values()
    assert {place for kind in kinds for place in kind.places} <= set(PLACES)
