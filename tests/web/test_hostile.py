"""What people send to break pages, or the machine: each is refused, and nothing falls over."""

import struct
import tracemalloc
import zlib

import pytest

from app.adapters.images import NotAnImage, redraw
from app.domain.filetypes import kind_of
from tests import lists
from tests.casework import Play, picture
from tests.web.callers import Caller

STAFF = "xingxian.staff1"
LONG = "长" * 30_000
JSON = {"content_type": "application/json"}
PLAIN = {"content_type": "application/x-www-form-urlencoded"}


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def caller(app, deps):
    app.testing = False  # a failure is answered, as it is to everybody
    return Caller(app, deps, STAFF)


@pytest.fixture
def item(play):
    play.start(STAFF)
    return play.todo(STAFF)[0].id


def peak(act):
    """Return the answer, and how many megabytes it took to give it."""
    tracemalloc.start()
    try:
        answer = act()
        return answer.status_code, tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


LISTS = ("tasks", "cases", "documents", "enterprises", "hazards", "audit")


@pytest.mark.usefixtures("item")
@pytest.mark.parametrize("told", ["endpoint=x", "_method=DELETE", "_external=1&_scheme=javascript"])
def test_what_makes_addresses_is_not_taken_from_an_address(client, told):
    browser = client("xingxian.auditor")
    for name in LISTS:
        for cursor in ("", "&cursor=9999999"):
            answer = browser.get(f"/{name}/?{told}{cursor}")
            assert answer.status_code == 200, name
            assert "javascript:" not in answer.text


@pytest.mark.parametrize(
    "url",
    [
        "/tasks/?cursor=²",
        "/cases/?cursor=²",
        "/api/v1/tasks?cursor=²",
        "/api/v1/cases?cursor=²",
        "/procedures/rectification/diagram?version=²",
        "/language/en?next=//[",
        "/sign-in?next=http://[",
        f"/tasks/?q={LONG}",
        f"/cases/?q={LONG}",
    ],
    ids=lambda url: url[:40],
)
@pytest.mark.usefixtures("item")
def test_an_odd_question_is_answered(caller, url):
    assert caller.call("GET", url).status_code < 400


@pytest.mark.parametrize("nested", ["[" * 900 + "]" * 900, '{"a":' * 200 + "1" + "}" * 200])
def test_json_is_not_nested_beyond_sense(caller, item, nested):
    for url, body in (
        ("/api/v1/cases", nested),
        (f"/api/v1/tasks/{item}/draft", f'{{"answers": {{"facts": {nested}}}}}'),
        (f"/api/v1/tasks/{item}/complete", f'{{"answers": {{"facts": {nested}}}}}'),
    ):
        answer = caller.client.post(url, data=body, headers=caller.headers, **JSON)
        assert answer.status_code == 400


@pytest.mark.parametrize(
    ("url", "body", "kind"),
    [
        ("/api/v1/tokens", "[" + "[]," * 1_500_000 + "[]]", JSON),
        ("/sign-in", "a=&" * 500_000, PLAIN),
    ],
)
def test_a_stranger_does_not_fill_the_memory(app, url, body, kind):
    status, megabytes = peak(lambda: app.test_client().post(url, data=body, **kind))
    assert status == 413
    assert megabytes < 40


def test_a_name_of_dots_does_not_fill_the_memory(caller):
    body = {"data": "a." * 400_000 + "=1", **PLAIN}
    status, megabytes = peak(lambda: caller.call("POST", "/procedures/rectification/start", **body))
    assert status == 422
    assert megabytes < 40


@pytest.mark.parametrize(
    "row", ['{"name": NaN}', '{"name": "\\ud800"}', f'{{"name": {"9" * 4000}}}', "[" * 900]
)
def test_a_folded_row_may_hold_anything(caller, item, row):
    folded = {"officers.0._row": "1", "officers.0._json": row, "_op": "draft"}
    assert caller.call("POST", f"/tasks/{item}", data=folded).status_code == 303
    assert caller.call("GET", f"/tasks/{item}").status_code == 200


@pytest.mark.parametrize("photos", [[{}], [[]], [1, None], {"a": 1}, "x"])
def test_a_draft_may_name_anything_as_a_file(caller, item, photos):
    draft = {"answers": {"hazards": [{"photos": photos}]}}
    answer = caller.call("POST", f"/api/v1/tasks/{item}/draft", json=draft)
    assert answer.status_code == 200
    assert caller.call("GET", f"/tasks/{item}").status_code == 200


@pytest.mark.parametrize("made", [lists.crowded, lists.from_the_future])
def test_an_odd_container_is_no_file_we_take(made):
    assert kind_of(made()) is None


@pytest.mark.parametrize("size", [(30_000, 30_000), (60_000, 60_000)])
def test_a_picture_too_large_to_draw_is_refused(size):
    """Beyond twice its limit, the library raises what is neither of its usual errors."""
    data = bytearray(picture())
    struct.pack_into(">LL", data, 16, *size)
    struct.pack_into(">L", data, 29, zlib.crc32(data[12:29]))
    with pytest.raises(NotAnImage):
        redraw(bytes(data))


def test_a_failed_step_shows_no_answers(deps):
    """Administrators read why a step failed, and are not to read the case."""
    assert deps.database.engine.hide_parameters
    assert deps.database.writing.kw["bind"].hide_parameters
