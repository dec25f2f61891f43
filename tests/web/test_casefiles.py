"""Case files on pages and through the API: asked for, followed, taken away, in both languages."""

import json

import pytest

from app.models.casefiles import CaseFile
from tests.casework import BOUND, Play, made_ready
from tests.people import token

STAFF = "xingxian.staff1"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def case(play):
    found = play.start(STAFF)
    play.do(STAFF, "draft_order")
    play.finish_papers()
    return found


@pytest.fixture
def api(app):
    """`api("xingxian.staff1")`: a caller of the API with that person's token."""

    def caller(username):
        made = app.test_client()
        made.environ_base["HTTP_AUTHORIZATION"] = token(app, username)["Authorization"]
        return made

    return caller


def record_of(deps):
    with deps.system_reading("test") as work:
        file = work.session.query(CaseFile).order_by(CaseFile.id.desc()).first()
        return json.loads(deps.files.get(file.record_sha256))


def test_from_the_case_to_the_file(deps, client, case):
    browser = client(STAFF)
    assert "制作案卷" in browser.get(f"/cases/{case}").text
    answer = browser.post(f"/cases/{case}/file")
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "制卷进度" in page
    assert "every 1s" in page
    assert browser.get(f"{answer.location}/file").status_code == 404
    made_ready(deps, 1)
    page = browser.get(answer.location).text
    assert "every 1s" not in page
    taken = browser.get(f"{answer.location}/file")
    assert taken.data == BOUND
    assert taken.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    taken.close()
    assert answer.location in browser.get(f"/cases/{case}").text
    assert "申请制卷" in browser.get(f"/cases/{case}").text


def test_it_is_a_chinese_paper_whatever_its_reader_reads(deps, client, case):
    browser = client(STAFF)
    browser.get("/language/en")
    assert "Bind the case" in browser.get(f"/cases/{case}").text
    browser.post(f"/cases/{case}/file", data={"whole": "1"})
    (told,) = record_of(deps)["cases"]
    assert told["status"] == "办理中"
    (draft,) = [step for step in told["steps"] if step["title"] == "制作责令限期整改指令书"]
    answers = dict(draft["answers"])
    assert answers["整改期限"] == "2026年12月20日"
    assert answers["执法人员 1"] == "姓名：白建国；执法证号：14-000001"
    assert any("编号制作文书" in line["what"] for line in told["history"])
    assert "Bind the case" in browser.get(f"/cases/{case}").text  # and the reader reads on


def test_through_the_api(deps, api, case):
    asked = api(STAFF).post(f"/api/v1/cases/{case}/file", json={"whole": False})
    assert asked.status_code == 202
    file = asked.json
    assert (file["state"], file["case"], file["whole"]) == ("making", str(case), False)
    made_ready(deps, int(file["id"]))
    told = api(STAFF).get(f"/api/v1/casefiles/{file['id']}").json
    assert (told["state"], told["pages"]) == ("ready", 12)
    taken = api(STAFF).get(f"/api/v1/casefiles/{file['id']}/file")
    assert (taken.data, taken.content_type) == (BOUND, "application/pdf")
    assert taken.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert taken.headers["Cache-Control"] == "no-store"
    taken.close()
    assert api("fenyang.staff1").get(f"/api/v1/casefiles/{file['id']}").status_code == 404
    assert api("xingxian.plant").get(f"/api/v1/casefiles/{file['id']}").status_code == 403
