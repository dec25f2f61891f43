"""The page of new papers and its twin in the API: who may, what is told, what is refused."""

import pytest
from sqlalchemy import select

from app.models.casework import Case
from app.services.cases import starting
from app.services.documents import reading
from tests.casework import Play
from tests.paper_samples import SHORT
from tests.people import signed_in, token

STAFF, DEPUTY, PLANT = "xingxian.staff1", "xingxian.deputy", "xingxian.plant"
API = "/api/v1"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


@pytest.fixture
def foreign(play):
    """A case of another county."""
    with play.deps.transaction(play.actor("fenyang.staff1")) as work:
        (plant, *_) = starting.subjects(work, "")
        answers = {"kind": "transfer_letter"}
        return starting.start(work, "issue_paper", plant.id, answers).case_id


def started(play):
    with play.deps.system_reading("test") as work:
        return list(work.session.scalars(select(Case.id).where(Case.procedure == "issue_paper")))


def test_a_paper_is_made_through_the_api(app, play):
    api, mine = app.test_client(), token(app, STAFF)
    case = play.start(STAFF)
    kinds = api.get(f"{API}/documents/kinds", headers=mine).json["items"]
    talk = next(one for one in kinds if one["kind"] == "talk_record")
    assert talk["title"] == "约谈记录"
    assert talk["signers"] == ["执法人员", "执法人员", "企业主要负责人"]
    assert (talk["group"], talk["goes"], talk["sealed"]) == ("scene", "filed", False)
    body = {
        "procedure": "issue_paper",
        "subject": {"kind": "enterprise", "id": str(play.subject())},
        "answers": {"kind": "talk_record", "case": str(case)},
    }
    made = api.post(f"{API}/cases", json=body, headers=mine)
    assert made.status_code == 201, made.text
    whole = api.get(f"{API}/cases/{made.json['id']}", headers=mine).json
    assert (whole["parent"], whole["tasks"][0]["name"]) == (str(case), "起草文书：约谈记录")
    (task,) = made.json["tasks"]
    form = api.get(f"{API}/tasks/{task}", headers=mine).json["form"]
    assert form["schema"]["title"] == "约谈记录"
    wrong = api.post(f"{API}/tasks/{task}/complete", json={"answers": {}}, headers=mine)
    assert {"/basis", "/answers"} <= {one["pointer"] for one in wrong.json["errors"]}
    answers = {"answers": SHORT["talk_record"]}
    done = api.post(f"{API}/tasks/{task}/complete", json=answers, headers=mine)
    assert done.status_code == 200, done.text
    play.deps.jobs.drain(play.deps)
    (paper,) = api.get(f"{API}/cases/{made.json['id']}", headers=mine).json["documents"]
    assert (paper["number"], paper["state"]) == ("（兴）应急约谈〔2026〕1号", "signing")


@pytest.mark.parametrize(
    ("answers", "pointer"),
    [
        ({}, "/kind"),
        ({"kind": "ghost"}, "/kind"),
        ({"kind": "rectification_order"}, "/kind"),
        ({"kind": ["talk_record"]}, "/kind"),
        ({"kind": "talk_record", "case": "987654321"}, "/case"),
        ({"kind": "talk_record", "case": "1 OR 1=1"}, "/case"),
        ({"kind": "talk_record", "case": 1}, "/case"),
    ],
)
def test_what_cannot_be_made_is_refused_at_its_field(app, play, answers, pointer):
    subject = {"kind": "enterprise", "id": str(play.subject())}
    body = {"procedure": "issue_paper", "subject": subject, "answers": answers}
    answer = app.test_client().post(f"{API}/cases", json=body, headers=token(app, STAFF))
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]


def test_the_messages_are_in_the_readers_language(app, play):
    subject = {"kind": "enterprise", "id": str(play.subject())}
    body = {"procedure": "issue_paper", "subject": subject, "answers": {"kind": "ghost"}}
    headers = {**token(app, STAFF), "Accept-Language": "en"}
    answer = app.test_client().post(f"{API}/cases", json=body, headers=headers)
    assert "procedure of its own" in answer.json["errors"][0]["message"]


def test_another_countys_case_is_nothing_that_is_known(app, play, foreign):
    page, mine = signed_in(app, STAFF), token(app, STAFF)
    for path in (f"/documents/new/?case={foreign}", f"/documents/new/talk_record?case={foreign}"):
        assert page.get(path).status_code == 404
    asked = app.test_client().get(f"{API}/documents/kinds?case={foreign}", headers=mine)
    assert asked.status_code == 404
    before = started(play)
    form = {"subject": play.subject(), "case": foreign}
    assert page.post("/documents/new/talk_record", data=form).status_code == 422
    assert started(play) == before


@pytest.mark.parametrize("who", [DEPUTY, PLANT, "xingxian.gov", "xingxian.admin"])
def test_who_makes_no_papers_is_shown_no_way_to(app, play, who):
    page = signed_in(app, who)
    assert page.get("/documents/new/").status_code == 403
    form = {"subject": play.subject()}
    assert page.post("/documents/new/talk_record", data=form).status_code in (403, 404)
    register = page.get("/documents/")
    assert register.status_code == 403 or "/documents/new/" not in register.text
    assert started(play) == []


def test_who_asks_the_government_for_its_reply_is_shown_that_it_drafts_it(app, play):
    page, who = signed_in(app, STAFF), signed_in(app, "xingxian.gov")
    asked = page.post("/documents/new/resumption_reply", data={"subject": play.subject()})
    assert asked.status_code == 303
    told = page.get(asked.location).text
    assert "起草政府文书：复产审核批复" in told
    assert "预览文书" not in told
    assert "预览文书" in who.get(asked.location).text


def test_a_kind_that_cannot_be_made_has_no_page(app):
    page = signed_in(app, STAFF)
    for kind in ("rectification_order", "ghost", "start", "service_receipt"):
        assert page.get(f"/documents/new/{kind}").status_code == 404


def test_the_procedures_own_start_leads_to_the_page(app):
    page = signed_in(app, STAFF)
    answer = page.get("/procedures/issue_paper/start")
    assert (answer.status_code, answer.location) == (303, "/documents/new/")


def test_the_page_of_a_case_leads_to_its_papers(app, play):
    case = play.start(STAFF)
    link = f"/documents/new/?case={case}"
    assert link in signed_in(app, STAFF).get(f"/cases/{case}").text
    assert link not in signed_in(app, DEPUTY).get(f"/cases/{case}").text
    chosen = signed_in(app, STAFF).get(link).text
    assert f"/documents/new/talk_record?case={case}" in chosen


def test_a_paper_that_was_declined_says_so_wherever_its_state_stands(app, play):
    """It is complete, and no ground for anything: 已制发 alone would tell nobody."""
    case, decisions = play.start(STAFF), ("refused", "approved")
    for filing in decisions:
        play.start(STAFF, "issue_paper", kind="case_filing", case=str(case))
        play.do(STAFF, "draft", **SHORT["case_filing"])
        play.sign_task(STAFF, "sign")
        play.sign_task("xingxian.staff2", "cosign")
        play.sign_task(DEPUTY, "decide", filing=filing, opinion="违法行为轻微并已及时改正")
    mine = token(app, STAFF)
    papers = play.run(STAFF, reading.find)[0]
    declined, approved = sorted(row.id for row in papers if row.kind == "case_filing")
    browser = signed_in(app, STAFF)
    for paper, said in ((declined, True), (approved, False)):
        api = app.test_client()
        row = api.get(f"{API}/documents/{paper}", headers=mine).json
        assert (row["state"], row["declined"]) == ("sealed", said)
        made_in = row["case"]
        for page in (f"/documents/{paper}", f"/cases/{made_in}"):
            assert ("未批准" in browser.get(page).text) == said, page
        assert ("未批准文书" in browser.get(f"/cases/{made_in}").text) == said
    assert browser.get("/documents/").text.count("未批准") == 2  # the filter, and one badge
    only = browser.get("/documents/?state=declined").text
    assert f"/documents/{declined}" in only
    assert f"/documents/{approved}" not in only
    dossier = browser.get(f"/enterprises/{play.subject()}").text
    assert dossier.count("已制发、未批准") == 1
    browser.get("/language/en")
    assert "Not approved" in browser.get(f"/documents/{declined}").text
