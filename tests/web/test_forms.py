"""Forms on pages without a browser: what is rendered comes back as the same answers."""

import io
import json
import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from lxml import html
from werkzeug.datastructures import FileStorage, MultiDict

from app.domain import Conflict, Invalid
from app.domain.text import T
from app.web.forms import lay_out, read_only, receive
from tests.forms_samples import form, repository_forms
from tests.forms_samples.answers import answers
from tests.forms_samples.site import TEMPLATE, make_site

EVERYTHING = form("everything")
EXAMPLES = {"everything": 60}
"""The form with every kind of field; the others are made of the same ones: a few show their rules."""
SLOW = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module")
def made():
    return make_site(csrf=False)


@pytest.fixture(scope="module")
def flask(made):
    return made[0]


@pytest.fixture
def client(flask):
    return flask.test_client()


def rendered(flask, asked, found, **options):
    with flask.test_request_context("/everything"):
        sheet = lay_out(asked, found, **options)
        return flask.jinja_env.from_string(TEMPLATE).render(
            sheet=sheet, lang="zh", request=type("R", (), {"full_path": "/x", "path": "/x"})
        )


def controls(page) -> MultiDict:
    """What a browser would send of the rendered form."""
    sheet = html.fromstring(page).get_element_by_id("sheet")
    (shown,) = sheet.xpath(".//form")
    for hidden in shown.xpath(".//template"):
        hidden.drop_tree()
    for box in shown.xpath(".//textarea"):
        box.text = (box.text or "").removeprefix("\n")
    return MultiDict(shown.form_values())


@pytest.mark.parametrize("name", ["everything", *repository_forms()])
def test_what_is_rendered_comes_back(flask, name):
    asked = form(name)

    @settings(SLOW, max_examples=EXAMPLES.get(name, 10))
    @given(answers(asked))
    def there_and_back(found):
        try:
            asked.check(found, given=found)
        except Invalid:
            assume(condition=False)  # a rule between fields that a strategy cannot know
        posted = receive(asked, controls(rendered(flask, asked, found)), given=found)
        assert asked.check(posted.answers, given=found) == found

    there_and_back()


def test_many_rows_come_back_from_their_lines(flask):
    rows = [{"place": f"{n} 号", "class": "general", "photos": ["a", "b"]} for n in range(200)]
    page = rendered(flask, EVERYTHING, {"hazards": rows}, open_row="hazards.7")
    assert page.count("_json") == 199
    assert len(page.encode()) < 300_000
    assert receive(EVERYTHING, controls(page)).answers["hazards"] == rows


def posted(client, **fields):
    return client.post("/everything", data={"_op": "submit", **fields})


def test_errors_are_shown_at_the_field_and_summed_up(client):
    answer = posted(client, **{"hazards.0.place": "一车间", "name": "华"})
    assert answer.status_code == 422
    page = html.fromstring(answer.text)
    links = {link.text_content(): link.get("href") for link in page.xpath("//*[@data-problems]//a")}
    assert links["名称至少 2 个字"] == "#f-name"
    assert links["隐患清单第 1 项：请选择隐患等级"] == "#f-hazards-0-class"
    for target in links.values():
        assert page.get_element_by_id(target[1:]) is not None
    name = page.get_element_by_id("f-name")
    assert name.get("aria-invalid") == "true"
    described = [
        page.get_element_by_id(at).text_content() for at in name.get("aria-describedby").split()
    ]
    assert described == ["写全称", "名称至少 2 个字"]
    assert name.value == "华"


def test_errors_are_in_english_for_english_readers(client):
    client.set_cookie("language", "en")
    page = html.fromstring(posted(client).text)
    words = " ".join(page.xpath("//*[@data-problems]//a//text()"))
    assert "“Deadline”" in words
    assert not re.search("[\u4e00-\u9fff]", words)


def test_every_id_is_there_once_and_every_control_has_a_name_for_people(client):
    page = html.fromstring(posted(client, **{"hazards.0._row": "1", "hazards.0.place": "x"}).text)
    for hidden in page.xpath("//template"):
        hidden.drop_tree()
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for control in page.xpath(
        "//form[@data-sheet]//*[self::input or self::select or self::textarea]"
    ):
        if control.get("type") == "hidden":
            continue
        labels = page.xpath("//label[@for=$id]", id=control.get("id") or "-")
        assert labels or control.get("aria-label"), html.tostring(control)


@pytest.mark.parametrize(
    ("operation", "left", "here"),
    [
        ("add:hazards", ["a", "b", None], "hazards.2"),
        ("remove:hazards.0", ["b"], ""),
        ("remove:hazards.9", ["a", "b"], ""),
        ("remove:hazards.x", ["a", "b"], ""),
        ("remove:nothing.0", ["a", "b"], ""),
        ("edit:hazards.1", ["a", "b"], "hazards.1"),
        ("restore", ["a", "b"], ""),
    ],
)
def test_rows_without_javascript(operation, left, here):
    sent = MultiDict({"hazards.3.place": "a", "hazards.12.place": "b", "_op": operation})
    found = receive(EVERYTHING, sent)
    assert found.again
    assert [row.get("place") for row in found.answers["hazards"]] == left
    assert found.open_row == here


def test_given_rows_cannot_be_added_to_or_taken_from():
    stock = {"orders": [{"text": "一"}]}
    sent = MultiDict(
        {"orders.0.result": "fixed", "orders.0.text": "改写", "_op": "remove:orders.0"}
    )
    assert receive(EVERYTHING, sent, given=stock).answers["orders"] == [
        {"text": "一", "result": "fixed"}
    ]
    sent["_op"] = "add:orders"
    assert len(receive(EVERYTHING, sent, given=stock).answers["orders"]) == 1


def test_rows_left_blank_are_not_sent():
    sent = MultiDict({"hazards.0._row": "1", "hazards.1.place": "甲", "officers.0.name": " "})
    found = receive(EVERYTHING, sent).answers
    assert found["hazards"] == [{"place": "甲"}]
    assert "officers" not in found


def test_commands_of_the_page_are_handed_on():
    found = receive(EVERYTHING, MultiDict({"_op": "draft", "name": "甲"}))
    assert (found.command, found.again, found.answers["name"]) == ("draft", False, "甲")


@pytest.mark.parametrize(
    "folded", ["", "[", "[1]", "5", '"x"', "[" * 100_000, '{"photos": 5, "place": [1]}']
)
def test_a_folded_row_may_be_anything(flask, folded):
    sent = MultiDict({f"hazards.{n}._json": folded or "{}" for n in range(40)})
    found = receive(EVERYTHING, sent)
    sent["_op"] = "edit:hazards.3"
    again = receive(EVERYTHING, sent)
    page = rendered(flask, EVERYTHING, again.answers, open_row=again.open_row)
    assert "hazards.3" in page
    with pytest.raises(Invalid):
        EVERYTHING.check(found.answers)


def test_more_rows_than_anyone_has_are_cut_off():
    sent = MultiDict({f"hazards.{n}.place": "x" for n in range(3000)})
    assert len(receive(EVERYTHING, sent).answers["hazards"]) == 2000


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("１２", 12),
        ("1,234", 1234),
        ("1e3", "1e3"),
        ("多", "多"),
        ("9" * 5000, "9" * 5000),
        ("1_0", "1_0"),
    ],
)
def test_whole_numbers_are_read_as_people_type_them(typed, number):
    assert receive(EVERYTHING, MultiDict({"workers": typed})).answers["workers"] == number


def test_files_are_stored_kept_and_removed():
    stored = []

    def store(upload):
        stored.append(upload.read())
        return f"new{len(stored)}"

    sent = MultiDict([("photos", "old1"), ("photos", "old2"), ("photos._drop", "old1")])
    files = MultiDict(
        [
            ("photos", FileStorage(io.BytesIO(b"a"), "a.jpg")),
            ("photos", FileStorage(io.BytesIO(b""), "")),
            ("report", FileStorage(io.BytesIO(b"b"), "b.pdf")),
        ]
    )
    found = receive(EVERYTHING, sent, files, store=store).answers
    assert found["report"] == "new1"
    assert found["photos"] == ["old2", "new2"]
    assert stored == [b"b", b"a"]


def test_a_refused_upload_is_an_error_at_its_field(flask):
    def store(_):
        raise Conflict(T("文件太大"))

    files = MultiDict({"hazards.0.photos": FileStorage(io.BytesIO(b"a"), "a.jpg")})
    found = receive(EVERYTHING, MultiDict({"hazards.0.place": "x"}), files, store=store)
    assert {at: str(text) for at, text in found.refused.items()} == {
        "/hazards/0/photos": "文件太大"
    }
    page = rendered(flask, EVERYTHING, found.answers, errors=found.refused)
    assert "隐患清单第 1 项：文件太大" in page


def test_an_uploaded_file_survives_a_failed_validation(client, made):
    photo = (io.BytesIO(b"picture"), "现场.jpg")
    answer = client.post("/everything", data={"photos": photo})
    assert answer.status_code == 422
    (kept,) = controls(answer.text).getlist("photos")
    assert made[1].files[kept] == b"picture"


def test_read_only_layout_shows_answers_in_words(flask):
    found = {
        "name": "华东",
        "deadline": "2026-12-20",
        "manner": "tip",
        "themes": ["dust", "gas"],
        "idle": False,
        "hazards": [{"place": "一车间", "class": "major"}] * 40,
    }
    with flask.test_request_context():
        page = flask.jinja_env.from_string(
            "{% import '_form.html' as forms %}{{ forms.shown(sheet) }}"
        ).render(sheet=read_only(EVERYTHING, found))
    words = html.fromstring(page).text_content()
    for shown in ("2026年12月20日", "举报", "粉尘涉爆、煤气", "否", "一车间 · 重大隐患"):
        assert shown in words
    assert "<input" not in page


def test_scripts_are_told_where_to_go_next(client):
    valid = {
        "name": "华东",
        "deadline": "2026-12-20",
        "manner": "plan",
        "decision": "agree",
        "address.street": "滨海路",
        "confirmed": "true",
        "orders.0.result": "fixed",
        "orders.1.result": "open",
    }
    plain = posted(client, **valid)
    assert (plain.status_code, plain.headers["Location"]) == (303, "/done")
    scripted = client.post("/everything", data=valid, headers={"HX-Request": "true"})
    assert (scripted.status_code, scripted.headers["HX-Redirect"]) == (204, "/done")
    assert "Location" not in scripted.headers


def test_conditions_are_written_for_the_browser(client):
    page = html.fromstring(client.get("/everything").text)
    (tip,) = page.xpath("//*[@data-field='tip']")
    assert json.loads(tip.get("data-when")) == [[["manner", "is", ["tip"], False]]]
    assert "off" in tip.get("class")
    (reason,) = page.xpath("//*[@data-field='reason']")
    assert reason.get("data-when") is None
    assert json.loads(reason.get("data-demanded")) == [[["decision", "is", ["return"], False]]]
