"""The wording of papers: versions, their pages and API, and which version a paper is made with."""

import itertools
import json
import re
import threading
import time

import pytest
from sqlalchemy import delete, select, update

from app.adapters.templates import Templates
from app.domain import Invalid
from app.domain.wordings import MOST, MOST_NUMBER, entries, places, problem, sample
from app.models.documents import Document
from app.models.wordings import PaperWording
from app.services import Stale
from app.services.documents import shipped, wordings
from app.services.pdf import typesetting
from tests import counting, documents_made, fakes
from tests.casework import Play
from tests.people import token

TOP, COUNTY, STAFF, OWNER, AUDITOR = (
    "shanxi.admin",
    "xingxian.admin",
    "xingxian.staff1",
    "xingxian.plant",
    "shanxi.auditor",
)
ORDER = "/wordings/kinds/rectification_order"
BASIS = "依据《中华人民共和国安全生产法》第六十五条第一款第二项和本省条例的规定，现责令你单位"
TAKEN_IN = re.compile(r"(?:extends|import|include|from) '([\w.]+)'")
REASON = "省条例对期限另有规定"
NEXT = {"seen": 1, "kind": "rectification_order", "reason": "省条例施行"}


@pytest.fixture
def browser(client):
    return client(TOP)


@pytest.fixture
def api(app):
    """`api("shanxi.admin")`: calls of the API by somebody, each with a key of its own."""
    numbers = itertools.count()

    def caller(username):
        keys = token(app, username)

        def call(method, path, body=None):
            headers = {**keys, "Idempotency-Key": f"k-{next(numbers)}"}
            return app.test_client().open(
                f"/api/v1{path}", method=method, headers=headers, json=body
            )

        return call

    return caller


def posted(browser, url, **fields):
    return browser.post(url, data={"seen": "1", "_op": "publish", **fields})


def publish(deps, actor, seen=1, **said):
    with deps.transaction(actor(TOP)) as work:
        return wordings.publish(work, "rectification_order", said or {"basis": BASIS}, REASON, seen)


def order(deps, actor):
    """Have an order drafted, and return what it was made of."""
    play = Play(deps, actor)
    case = play.start(STAFF)
    play.do(STAFF, "draft_order")
    paper = play.papers(STAFF, case)[0]
    with deps.system_reading("test") as work:
        row = work.session.execute(
            select(Document.id, Document.wording, Document.template_sha256).where(
                Document.id == paper.id
            )
        ).one()
    return row, json.loads(deps.files.get(row.template_sha256))["wording"]["rectification_order"]


def test_what_came_with_the_product_is_the_first_version(client, deps):
    page = client(STAFF).get("/wordings/").text
    assert "现行第 1 版" in page
    assert "责令限期整改指令书" in page
    assert "最上级" in page
    page = client(TOP).get(ORDER).text
    assert "须保留填写处：{numbers} {day}" in page
    assert set(re.findall(r'<textarea[^>]*maxlength="(\d+)"', page)) == {str(MOST)}
    numbers = set(re.findall(r'inputmode="numeric"[^>]*maxlength="(\d+)"', page))
    assert numbers == {str(len(str(MOST_NUMBER)))}
    page = client(STAFF).get(ORDER).text
    assert "第六十五条第一款第二项" in page
    assert "<textarea" not in page
    with deps.system_reading("test") as work:
        shipped = work.session.scalars(select(PaperWording.whole)).one()
    assert shipped == deps.papers.templates.wording


def test_every_entry_has_a_name_and_what_fills_it():
    templates = fakes.papers().templates
    for kind, part in templates.wording.items():
        for key, entry in entries(part).items():
            assert str(templates.place_of(kind, key)) != key.partition(".")[0], (kind, key)
            assert problem(entry, entry) is None, (kind, key)


def test_every_entry_is_printed_by_its_template():
    """An office would edit the others in vain."""
    templates = fakes.papers().templates

    def page(name):
        text = templates.sources.get(name, "")
        return text + "".join(page(one) for one in TAKEN_IN.findall(text))

    idle = [
        (kind, key)
        for kind, part in templates.wording.items()
        for key in part
        if not re.search(rf"\bwording\.{key}\b|'{key}'", page(f"{kind}.html"))
    ]
    assert idle == []


@pytest.mark.skipif(not documents_made.READY, reason="papers are off")
@pytest.mark.parametrize("spare", [False, True])
def test_every_kind_can_be_previewed(spare):
    papers = fakes.papers(documents_made.press())
    for kind, known in papers.templates.kinds.items():
        data = sample(known.schema, spare=spare)
        assert documents_made.typeset(papers, kind, data, "预览").pages, kind


def test_a_paper_is_made_with_the_version_in_force_and_says_so(browser, client, deps, actor):
    before, said = order(deps, actor)
    assert before.wording == 1
    first = said["basis"]
    answer = posted(browser, ORDER, **{"e.basis": BASIS, "e.review_days": "30", "reason": "新条例"})
    assert answer.location == "/wordings/versions/2"
    page = browser.get("/wordings/versions/2").text
    assert "本省条例" in page
    assert "新条例" in page
    assert "责令限期整改指令书" in page
    # The process still has the first version in hand, and sees the second at once.
    after, said = order(deps, actor)
    assert (after.wording, said["basis"], said["review_days"]) == (2, BASIS, 30)
    assert said["copies"] == deps.papers.templates.wording["rectification_order"]["copies"]
    with deps.system_reading("test") as work:
        kept = work.session.get_one(Document, before.id, execution_options={"unscoped": "test"})
        assert kept.template_sha256 == before.template_sha256 != after.template_sha256
    assert (
        json.loads(deps.files.get(before.template_sha256))["wording"]["rectification_order"][
            "basis"
        ]
        == first
    )
    page = client(STAFF).get(f"/documents/{after.id}").text
    assert "/wordings/versions/2/kinds/rectification_order" in page
    assert "文书用语第 2 版" in page
    assert "文书用语第 1 版" in client(STAFF).get(f"/documents/{before.id}").text
    old = browser.get("/wordings/versions/1/kinds/rectification_order").text
    assert "本省条例" not in old
    assert "<textarea" not in old


def test_a_worker_with_the_old_version_in_hand_sees_the_new_one(deps, actor):
    def made_of():
        with deps.system_reading("test") as work:
            return wordings.in_force(work)

    version, old = made_of()
    assert version == 1
    assert made_of()[1] is old
    publish(deps, actor)
    version, new = made_of()
    assert version == 2
    assert BASIS in new.content.decode()
    assert list(deps.papers.bundles.values()) == [new]


def test_a_preview_of_a_task_uses_the_version_in_force(deps, actor, monkeypatch):
    play = Play(deps, actor)
    play.start(STAFF)
    item = play.todo(STAFF)[0].id
    answers = play.answered(STAFF, item)
    publish(deps, actor)
    seen = []
    real = typesetting.typeset

    def typeset(deps, kind, bundle, *about):
        seen.append(bundle["wording"][kind.id]["basis"])
        return real(deps, kind, bundle, *about)

    monkeypatch.setattr(typesetting, "typeset", typeset)
    with deps.reading(actor(STAFF)) as work:
        typesetting.preview(deps, work, item, answers)
    assert seen == [BASIS]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("found", "经检查，你单位存在下列问题：", "须保留填写处 {day} {place}"),
        ("found", "经{day}对{place}{day.__class__}检查：", "外不能使用花括号"),
        ("found", "经{day}对{place!r}检查：", "须保留填写处"),
        ("found", "经{day}对{place}{0}检查：", "外不能使用花括号"),
        ("found", "经{day}对{place}检查}：", "外不能使用花括号"),
        ("basis", "依据{organ}，现责令你单位", "没有填写处"),
        ("basis", " ", "请填写用语"),
        ("basis", "依" * 601, "不能超过 600 个字"),
        ("basis", "依据\u0007", "不能打印"),
        ("basis", "依据\n第二行", "不能打印"),
        ("basis", "依据\u202e", "不能打印"),
        ("review_days", "0", "应为 1 至"),
        ("review_days", "六十", "应为 1 至"),
        ("review_days", "-5", "应为 1 至"),
        ("review_days", "1" * 400, "应为 1 至"),
        ("nothing", "x", "没有这一处用语"),
    ],
)
def test_what_no_paper_can_say_is_told_at_its_field(browser, deps, field, typed, told):
    answer = posted(browser, ORDER, **{f"e.{field}": typed, "reason": "改"})
    assert answer.status_code == 422
    assert told in answer.text or field == "nothing"
    with deps.system_reading("test") as work:
        assert work.session.scalars(select(PaperWording.version)).all() == [1]


def test_markup_stays_text(browser):
    hostile = "依据<script>alert(1)</script>&amp;'\"{{ 7*7 }}"
    assert posted(browser, ORDER, **{"e.basis": hostile, "reason": "改"}).status_code == 422
    hostile = "依据<script>alert(1)</script>&amp;'\""
    answer = posted(browser, ORDER, **{"e.basis": hostile, "reason": "<b>改</b>"})
    page = browser.get(answer.location).text
    assert "<script>alert" not in page
    assert "<b>改" not in page
    assert "&lt;script&gt;" in page


def test_a_reason_is_asked_for_and_nothing_is_no_change(browser):
    answer = posted(browser, ORDER, **{"e.basis": BASIS, "reason": " "})
    assert answer.status_code == 422
    assert "请填写原因" in answer.text
    assert BASIS in answer.text
    answer = posted(browser, ORDER, reason="改")
    assert answer.status_code == 422
    assert "没有改动" in answer.text


def test_the_second_of_two_administrators_is_told(browser, client):
    assert posted(browser, ORDER, **{"e.basis": BASIS, "reason": "一"}).status_code == 303
    late = posted(client(TOP), ORDER, **{"e.copies": "一式三份。", "reason": "二"})
    assert late.status_code == 409
    assert "一式三份。" in late.text


def test_of_two_at_the_same_moment_one_is_told(deps, actor, monkeypatch):
    unhurried = wordings.add

    def add(*about):
        time.sleep(0.3)
        return unhurried(*about)

    monkeypatch.setattr(wordings, "add", add)
    told = []

    def act(text):
        try:
            told.append(publish(deps, actor, copies=text))
        except Stale:
            told.append("stale")

    both = [threading.Thread(target=act, args=(text,)) for text in ("甲。", "乙。")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(told, key=str) == [2, "stale"]


def test_only_the_topmost_administrators_publish(client):
    for username in (COUNTY, STAFF, OWNER):
        answer = posted(client(username), ORDER, **{"e.basis": BASIS, "reason": "改"})
        assert answer.status_code == 403, username
        answer = posted(client(username), "/wordings/versions/1/restore", reason="改")
        assert answer.status_code == 403, username
    assert "<textarea" not in client(COUNTY).get(ORDER).text


def test_an_earlier_version_is_taken_up_again(browser, client, deps, actor):
    publish(deps, actor)
    publish(deps, actor, seen=2, copies="一式三份。")
    answer = browser.post("/wordings/versions/2/restore", data={"seen": "3", "reason": ""})
    assert answer.status_code == 422
    answer = browser.post("/wordings/versions/3/restore", data={"seen": "3", "reason": "回"})
    assert answer.status_code == 409
    answer = browser.post("/wordings/versions/1/restore", data={"seen": "2", "reason": "回"})
    assert answer.status_code == 409
    answer = browser.post(
        "/wordings/versions/2/restore", data={"seen": "3", "reason": "仍用原份数"}
    )
    assert answer.location == "/wordings/versions/4"
    with deps.reading(actor(TOP)) as work:
        assert wordings.said(work, 4) == wordings.said(work, 2)
        assert wordings.changes(work, 4) == {"rectification_order": {"basis": BASIS}}
    told = client(AUDITOR).get("/audit/?action=wording.restore").text
    assert "仍用原份数" in told
    assert "责令限期整改指令书" in client(AUDITOR).get("/audit/?action=wording.publish").text


def test_the_api_does_the_same(api):
    admin = api(TOP)
    assert [row["version"] for row in admin("GET", "/wordings").json["items"]] == [1]
    body = {**NEXT, "entries": {"basis": BASIS, "review_days": 30}}
    made = admin("POST", "/wordings", body)
    assert made.status_code == 201
    assert made.json["changes"] == {"rectification_order": {"basis": BASIS, "review_days": 30}}
    assert made.json["kinds"]["rectification_order"]["review_days"] == 30
    assert admin("POST", "/wordings", body).status_code == 409
    wrong = admin("POST", "/wordings", {**body, "seen": 2, "entries": {"basis": "{x}"}})
    assert wrong.status_code == 422
    again = admin("POST", "/wordings/1/restore", {"seen": 2, "reason": "回"})
    assert again.json["changes"] == {}
    assert api(STAFF)("GET", "/wordings/3").json["reason"] == "回"
    assert api(COUNTY)("POST", "/wordings", {**body, "seen": 3}).status_code == 403
    for version in (0, 9, 99_999):
        absent = admin("GET", f"/wordings/{version}")
        assert (absent.status_code, absent.json["detail"]) == (404, f"没有文书用语第 {version} 版")
        again = admin("POST", f"/wordings/{version}/restore", {"seen": 3, "reason": "回"})
        assert again.status_code == 404


def test_a_version_that_is_none_is_not_found(browser, deps, actor, monkeypatch):
    """And one that is shows each of the kinds that it has, without a list of all versions."""
    publish(deps, actor)
    for version in (0, 9, 99_999):
        for page in (
            f"/wordings/versions/{version}",
            f"/wordings/versions/{version}/kinds/circular",
        ):
            answer = browser.get(page)
            assert answer.status_code == 404, page
            assert f"没有文书用语第 {version} 版" in answer.text
    older = json.loads(json.dumps(deps.papers.templates.wording))
    del older["circular"]
    with deps.system("test") as work:
        work.session.execute(update(PaperWording).filter_by(version=1).values(whole=older))
    monkeypatch.setattr(wordings, "find", None)
    first, second = (browser.get(f"/wordings/versions/{number}").text for number in (1, 2))
    assert "这是第一版，随产品而来" in first
    assert BASIS in second
    assert (REASON in first, REASON in second) == (False, True)
    for page, has in ((first, False), (second, True)):
        assert ("kinds/circular" in page) is has
    assert browser.get("/wordings/versions/1/kinds/rectification_order").status_code == 200


def emptied(deps):
    with deps.system("test") as work:
        work.session.execute(delete(PaperWording))


def laid_beside(deps, tmp_path, own):
    path = tmp_path / "wording.json"
    path.write_text(json.dumps(own), "utf-8")
    deps.papers.__dict__["templates"] = Templates(deps.papers.templates._folder, path)


def test_what_lay_in_the_data_directory_becomes_a_version(deps, actor, tmp_path):
    emptied(deps)
    laid_beside(deps, tmp_path, {"rectification_order": {"review_days": 15}})
    shipped.install(deps)
    shipped.install(deps)
    with deps.reading(actor(TOP)) as work:
        with counting.statements(deps, "paper_wording") as read:
            assert [row.reason for row in wordings.find(work)] == [shipped.LAID_BESIDE, ""]
        assert len(read) == 1
        assert ".whole" not in read[0]  # which is long, and no line shows it
        assert wordings.changes(work, 2) == {"rectification_order": {"review_days": 15}}
        assert wordings.said(work)["rectification_order"]["suit_months"] == 6


@pytest.mark.parametrize(
    "own", [{"rectification_order": {"found": "经{x}"}}, {"nothing": {"basis": "依据"}}]
)
def test_a_file_that_no_template_can_use_is_refused(deps, tmp_path, own):
    emptied(deps)
    laid_beside(deps, tmp_path, own)
    with pytest.raises(Invalid):
        shipped.install(deps)


def test_a_newer_product_keeps_what_the_office_changed(deps, actor, monkeypatch):
    publish(deps, actor)
    newer = json.loads(json.dumps(deps.papers.templates.wording))
    newer["rectification_order"]["copies"] = "本文书一式三份。"
    newer["rectification_order"]["fresh"] = "新的一处。"
    monkeypatch.setitem(deps.papers.templates.__dict__, "wording", newer)
    shipped.install(deps)
    shipped.install(deps)
    with deps.reading(actor(TOP)) as work:
        now = wordings.said(work)["rectification_order"]
        assert (now["copies"], now["basis"], now["fresh"]) == (
            "本文书一式三份。",
            BASIS,
            "新的一处。",
        )
        assert [row.reason for row in wordings.find(work)] == [shipped.CAME_ALONG, REASON, ""]


def test_what_a_newer_product_no_longer_says_stays_readable(browser, deps, actor):
    """An entry that no template fills in any more, though an office had changed it."""
    old = json.loads(json.dumps(deps.papers.templates.wording))
    old["accident_flash"]["signed"] = "批准人："
    with deps.system("test") as work:
        values = {"whole": old, "changes": {"accident_flash": {"signed": "批准人："}}}
        work.session.execute(update(PaperWording).values(**values))
    page = "/wordings/versions/1/kinds/accident_flash"
    assert "批准人" not in browser.get(page).text  # nobody edits it
    assert browser.get("/wordings/").status_code == 200
    _row, made_of = order(deps, actor)
    assert made_of == old["rectification_order"]
    shipped.install(deps)
    with deps.reading(actor(TOP)) as work:
        assert wordings.said(work, 1) == old
        assert wordings.said(work, 2) == deps.papers.templates.wording
        assert wordings.changes(work, 2) == {}
    for at in (page, "/wordings/versions/1", "/wordings/versions/2"):
        assert browser.get(at).status_code == 200, at
    again = browser.post("/wordings/versions/1/restore", data={"seen": "2", "reason": "回"})
    assert again.status_code == 409  # it would say the same
    publish(deps, actor, seen=2)


def test_a_preview_shows_what_was_typed_and_publishes_nothing(browser, deps):
    answer = posted(browser, ORDER, **{"e.basis": BASIS, "_op": "preview"})
    assert answer.status_code == 200
    assert answer.text.count("data:image/png") == 2
    assert BASIS in answer.text
    wrong = posted(browser, ORDER, **{"e.basis": "{x}", "_op": "preview"})
    assert wrong.status_code == 422
    with deps.system_reading("test") as work:
        assert work.session.scalars(select(PaperWording.version)).all() == [1]


def test_places_are_those_of_the_wording():
    assert places("经{day}对{place}检查{day}") == ["{day}", "{place}"]
