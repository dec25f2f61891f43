"""The pages on which a case is worked: one walk through them, and what goes wrong."""

import io
import re

import pytest

from app.domain import Conflict
from app.domain.text import T
from app.services.tasks import commands, reading
from tests.answers import answers_for
from tests.casework import ANSWERS, Play, picture
from tests.people import token

STAFF, LEADER, PLANT = "xingxian.staff1", "xingxian.deputy", "xingxian.plant"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def posted(answers, prefix=""):
    """Return answers as a browser would send them."""
    sent = {}
    for key, value in answers.items():
        name = prefix + key
        if isinstance(value, dict):
            sent |= posted(value, f"{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for index, row in enumerate(value):
                sent |= {f"{name}.{index}._row": "1", **posted(row, f"{name}.{index}.")}
        else:
            sent[name] = value
    return sent


def start(client, play):
    form = {"subject": str(play.subject()), "source": "inspection", "_op": "submit"}
    answer = client.post("/procedures/rectification/start", data=form)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def test_a_task_is_done_on_its_page(client, play):
    browser = client(STAFF)
    case = start(browser, play)
    assert "制作责令限期整改指令书" in browser.get("/tasks/").text
    item = play.todo(STAFF)[0].id
    page = browser.get(f"/tasks/{item}").text
    assert "整改期限" in page
    assert "送达指令书" in page  # what comes next

    form = play.task(STAFF, item).form
    answers = answers_for(form, ANSWERS["draft_order"])
    answer = browser.post(f"/tasks/{item}", data={**posted(answers), "_op": "submit"})

    assert (answer.status_code, answer.location) == (303, f"/cases/{case}")
    assert play.case(STAFF, case).current == ["issue_order"]
    shown = browser.get(f"/cases/{case}").text
    assert "办理：制作责令限期整改指令书" in shown
    assert "已提交" in shown


def test_what_was_typed_is_never_lost(client, play):
    browser = client(STAFF)
    start(browser, play)
    item = play.todo(STAFF)[0].id
    sent = {"check_place": "一号高炉出铁场", "hazards.0._row": "1", "hazards.0.description": "短"}
    files = {"hazards.0.photos": (picture_file(), "现场.png")}
    answer = browser.post(f"/tasks/{item}", data={**sent, **files, "_op": "submit"})
    assert answer.status_code == 422
    for kept in ("一号高炉出铁场", "短", "现场.png"):
        assert kept in answer.text
    assert re.search(r"请填写整改期限", answer.text)

    name = re.search(r'name="hazards.0.photos" value="([0-9a-f]{32})"', answer.text)[1]
    again = {**sent, "hazards.0.photos": name, "_op": "draft"}
    assert browser.post(f"/tasks/{item}", data=again).status_code == 303
    assert play.task(STAFF, item).draft["hazards"][0]["photos"] == [name]
    assert "短" in browser.get(f"/tasks/{item}").text


def picture_file():
    return io.BytesIO(picture())


def test_a_refused_file_is_said_at_its_field(client, play):
    browser = client(STAFF)
    start(browser, play)
    item = play.todo(STAFF)[0].id
    files = {"hazards.0.photos": (io.BytesIO(b"MZ"), "virus.exe")}
    answer = browser.post(f"/tasks/{item}", data={"hazards.0._row": "1", **files, "_op": "submit"})
    assert answer.status_code == 422
    assert "只接受照片" in answer.text


def test_the_same_press_twice_does_it_once(client, play):
    browser = client(STAFF)
    form = {"subject": str(play.subject()), "source": "tip", "_op": "submit", "_key": "press-1"}
    first = browser.post("/procedures/rectification/start", data=form)
    second = browser.post("/procedures/rectification/start", data=form)
    assert first.location == second.location
    assert len(play.find(STAFF)) == 1


def test_operations_have_their_buttons(client, play):
    browser = client(STAFF)
    start(browser, play)
    item = play.todo(STAFF)[0].id
    page = browser.get(f"/tasks/{item}").text
    assert f'action="/tasks/{item}/claim"' in page
    assert f'action="/tasks/{item}/transfer"' in page
    assert f'action="/tasks/{item}/return"' not in page
    assert browser.post(f"/tasks/{item}/claim").status_code == 303
    page = browser.get(f"/tasks/{item}").text
    assert f'action="/tasks/{item}/release"' in page
    other = client("xingxian.staff2").get(f"/tasks/{item}").text
    assert "提交</button>" not in other
    assert "催办" in other


def test_errors_of_small_forms_stand_at_their_field(client, play):
    browser = client(STAFF)
    start(browser, play)
    item = play.todo(STAFF)[0].id
    answer = browser.post(
        f"/tasks/{item}/transfer", data={"username": "fenyang.staff1", "reason": "外出办案"}
    )
    assert answer.status_code == 422
    assert "请选择本单位同一岗位的人员" in answer.text
    assert "外出办案" in answer.text
    play.do(STAFF, "draft_order")
    item = play.todo(STAFF)[0].id
    answer = browser.post(f"/tasks/{item}/return", data={"node": "draft_order", "reason": ""})
    assert answer.status_code == 422
    assert "请填写原因" in answer.text


def test_a_stale_page_says_so(client, play):
    browser = client(STAFF)
    start(browser, play)
    item = play.todo(STAFF)[0].id
    play.do(STAFF, "draft_order")
    answer = browser.post(f"/tasks/{item}", data={"_op": "submit"})
    assert answer.status_code in (409, 422)
    assert browser.post(f"/tasks/{item}/claim").status_code == 409


def test_the_plant_works_on_its_part(client, play):
    play.start(STAFF)
    play.through("draft_order", "serve_order")
    browser = client(PLANT)
    item = play.todo(PLANT)[0]
    page = browser.get(f"/tasks/{item.id}").text
    assert "五定" in page
    case = browser.get(f"/cases/{item.case_id}").text
    assert "这里只列出与本单位有关的环节" in case


def test_starting_asks_for_a_plant(client):
    browser = client(STAFF)
    page = browser.get("/procedures/rectification/start?q=蔚汾").text
    assert "兴县蔚汾特种铸造有限公司" in page
    assert "没有找到企业" in browser.get("/procedures/rectification/start?q=杏花").text
    answer = browser.post("/procedures/rectification/start", data={"source": "tip"})
    assert answer.status_code == 422
    assert "请选择企业" in answer.text
    assert client(LEADER).get("/procedures/rectification/start").status_code == 403


def test_looking_for_a_plant_keeps_what_was_typed(client, play):
    browser, plant = client(STAFF), play.subject()
    typed = {"subject": plant, "deadline": "2026-12-01", "campaign": "逐条排查，如实上报"}
    answer = browser.post(
        "/procedures/self_inspection/start", data={**typed, "_op": "find", "q": "杏花"}
    )
    assert answer.status_code == 200
    for kept in ("2026-12-01", "逐条排查，如实上报", 'value="杏花"'):
        assert kept in answer.text
    assert re.search(rf'value="{plant}" checked', answer.text), "the one chosen stays"
    assert 'aria-invalid="true"' not in answer.text, "nothing was handed in"
    assert play.find(STAFF) == []


def test_lists_narrow_and_page(client, play):
    for _ in range(21):
        play.start(STAFF)
    browser = client(STAFF)
    first = browser.get("/tasks/").text
    following = re.search(r'href="(/tasks/\?cursor=\d+)" rel="next"', first)[1]
    assert browser.get(following).text.count("制作责令限期整改指令书") == 1
    assert "没有事项" in browser.get("/tasks/?q=杏花").text
    assert "没有事项" in browser.get("/tasks/?due=late").text
    assert "没有事项" in browser.get("/tasks/?procedure=handover").text
    assert "换个条件再查" in browser.get("/tasks/?campaign=1").text
    assert "换个条件再查" not in browser.get("/tasks/?box=done").text
    assert "没有案件" in browser.get("/cases/?status=finished").text
    for box in ("done", "started", "supervised", "nonsense"):
        assert browser.get(f"/tasks/?box={box}&cursor=x").status_code == 200


def test_cancelling_on_the_page(client, play):
    case = start(client(STAFF), play)
    browser = client(LEADER)
    assert browser.post(f"/cases/{case}/cancel", data={"reason": ""}).status_code == 422
    assert browser.post(f"/cases/{case}/cancel", data={"reason": "重复"}).status_code == 303
    assert "已终止" in browser.get(f"/cases/{case}").text


def test_a_failed_step_is_undone_and_numbered(app, client, play, monkeypatch):
    browser = client(STAFF)
    case = start(browser, play)

    def broken(*_args):
        raise ZeroDivisionError("李某的身份证号")

    monkeypatch.setattr("app.services.documents.numbers.take", broken)
    item = play.todo(STAFF)[0].id
    answers = answers_for(play.task(STAFF, item).form, ANSWERS["draft_order"])
    answer = browser.post(f"/tasks/{item}", data={**posted(answers), "_op": "submit"})
    assert answer.status_code == 409
    assert "已登记为故障" in answer.text
    monkeypatch.undo()

    assert play.todo(STAFF)[0].id == item
    assert play.case(STAFF, case).history[-1].action == "incident.open"
    admin = client("xingxian.admin")
    page = admin.get("/incidents/").text
    assert "ZeroDivisionError app/services/" in page
    number = re.search(r"/incidents/(\d+)/close", page)[1]
    assert f"manage.py incident {number}" in page
    caller = token(app, "xingxian.admin")
    (told,) = app.test_client().get("/api/v1/incidents", headers=caller).json["items"]
    assert told["fault"].startswith("ZeroDivisionError app/services/")
    for shown in (page, str(told)):
        assert "身份证号" not in shown
        assert "Traceback" not in shown
    assert admin.post(f"/incidents/{number}/close", data={"reason": ""}).status_code == 422
    assert admin.post(f"/incidents/{number}/close", data={"reason": "已修复"}).status_code == 303
    assert "没有故障" in admin.get("/incidents/").text
    assert "已修复" in admin.get("/incidents/?closed=1").text
    play.run(STAFF, commands.complete, item, answers)


def test_what_was_typed_outlives_a_conflict(client, play, monkeypatch):
    browser = client(STAFF)
    start(browser, play)
    item = play.todo(STAFF)[0].id
    answers = answers_for(play.task(STAFF, item).form, ANSWERS["draft_order"])
    sent = {**posted(answers), "check_place": "一号高炉出铁场", "_op": "submit"}

    def broken(*_args):
        raise ZeroDivisionError

    monkeypatch.setattr("app.services.documents.numbers.take", broken)
    answer = browser.post(f"/tasks/{item}", data=sent)
    assert answer.status_code == 409
    assert "已登记为故障" in answer.text
    assert 'value="一号高炉出铁场"' in answer.text  # in its control, to be sent again
    monkeypatch.undo()

    play.run(STAFF, commands.complete, item, answers)
    answer = browser.post(f"/tasks/{item}", data=sent)
    assert answer.status_code == 409
    assert "此事项已办结或已撤销" in answer.text
    assert "您填写的内容没有提交" in answer.text
    assert "一号高炉出铁场" in answer.text  # to be read, as there is nothing left to send
    assert 'name="check_place"' not in answer.text


def test_what_was_typed_outlives_a_case_that_cannot_start(client, play, monkeypatch):
    def refuse(*_args):
        raise Conflict(T("此事项已办结或已撤销"))

    monkeypatch.setattr("app.services.cases.starting.start", refuse)
    sent = {"subject": str(play.subject()), "source": "tip", "_op": "submit"}
    answer = client(STAFF).post("/procedures/rectification/start", data=sent)
    assert answer.status_code == 409
    assert "此事项已办结或已撤销" in answer.text
    assert re.search(r'value="tip" (checked|selected)', answer.text)


def test_taking_a_form_does_not_read_the_whole_case(client, play, monkeypatch):
    browser = client(STAFF)
    start(browser, play)
    item = play.todo(STAFF)[0].id
    answers = answers_for(play.task(STAFF, item).form, ANSWERS["draft_order"])

    def too_much(*_):
        raise AssertionError("history and opinions are for the page")

    monkeypatch.setattr(reading, "get", too_much)
    answer = browser.post(f"/tasks/{item}", data={**posted(answers), "_op": "submit"})
    assert answer.status_code == 303
