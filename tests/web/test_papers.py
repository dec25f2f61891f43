"""Papers through the API: sign with a PIN, read the file, ask whether it is genuine."""

import io

import pytest
from sqlalchemy import select, update

from app.models.documents import SignatureRecord
from app.services.demo.people import PIN
from tests.answers import answers_for
from tests.casework import ANSWERS, Play
from tests.people import token

STAFF, SECOND = "xingxian.staff1", "xingxian.staff2"


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def test_a_paper_is_signed_and_verified_through_the_api(app, play):
    api = app.test_client()
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    mine, second = token(app, STAFF), token(app, SECOND)
    (paper,) = api.get(f"/api/v1/cases/{case}", headers=mine).json["documents"]
    assert (paper["number"], paper["state"]) == ("（兴）应急责改〔2026〕1号", "signing")
    url = f"/api/v1/documents/{paper['id']}"

    body = {"pin": "000001", "sha256": paper["sha256"]}
    wrong = api.post(f"{url}/sign", json=body, headers=mine)
    assert wrong.status_code == 422
    assert wrong.json["errors"][0]["pointer"] == "/pin"
    body["pin"] = PIN
    keyed = {**mine, "Idempotency-Key": "a"}
    signed = api.post(f"{url}/sign", json=body, headers=keyed)
    assert signed.status_code == 200, signed.text
    assert api.post(f"{url}/sign", json=body, headers=keyed).json == signed.json
    assert api.post(f"{url}/sign", json=body, headers=second).status_code == 409  # it has grown

    play.finish_papers()
    whole = api.get(url, headers=mine).json
    assert whole["state"] == "sealed"
    assert [s["slot"] for s in whole["signatures"]] == ["officer1", "officer2", "seal"]
    file = api.get(f"{url}/file", headers=mine)
    assert file.mimetype == "application/pdf"
    assert api.get(url, headers=token(app, "fenyang.staff1")).status_code == 404

    def verified(data):
        sent = {"file": (io.BytesIO(data), "a.pdf")}
        return api.post("/api/v1/documents/verify", data=sent).json

    assert verified(file.data)["status"] == "original"
    assert verified(file.data)["document"]["unit"] == "兴县＊＊＊＊有限公司"
    assert verified(b"%PDF-")["status"] == "unknown"
    code = whole["code"]
    assert api.get(f"/api/v1/verify/{code}").json["status"] == "original"
    assert api.get("/api/v1/verify/none").json == {
        "status": "unknown",
        "sha256": None,
        "document": None,
    }


def serve(app, play):
    """Have an order made and complete the task of serving it, through the API."""
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    play.finish_papers()

    def answer():
        item = next(row.id for row in play.todo(STAFF) if row.node == "serve_order")
        wanted = {"officers": ANSWERS["draft_order"]["officers"]}
        form = play.task(STAFF, item).form
        body = {"answers": answers_for(form, wanted, lambda: play.upload(STAFF))}
        url = f"/api/v1/tasks/{item}/complete"
        return app.test_client().post(url, json=body, headers=token(app, STAFF))

    return case, answer


def test_the_proof_of_service_bears_the_seal_that_was_approved(app, client, deps, play):
    case, answer = serve(app, play)
    assert answer().status_code == 200
    deps.jobs.drain(deps)
    api, staff = app.test_client(), token(app, STAFF)
    order, receipt = api.get(f"/api/v1/cases/{case}", headers=staff).json["documents"]
    assert (order["state"], receipt["state"]) == ("served", "sealed")
    assert (receipt["kind"], receipt["number"]) == ("service_receipt", "（兴）应急送达〔2026〕1号")
    url = f"/api/v1/documents/{receipt['id']}"
    whole = api.get(url, headers=staff).json
    assert [(s["slot"], s["name"]) for s in whole["signatures"]] == [("seal", "兴县应急管理局")]
    assert len(whole["revisions"]) == 2
    page = client(STAFF).get(f"/documents/{receipt['id']}").text
    assert "拟稿人" in page
    assert "签发人" not in page  # no leader signs it
    assert "白慎之" in page  # who approved the order's seal
    with deps.system_reading("test") as work:
        seals = work.session.execute(
            select(SignatureRecord.item_id, SignatureRecord.account_id).filter_by(slot="seal")
        ).all()
    assert len(seals) == 2
    assert seals[0] == seals[1]

    def asked(data):
        return app.test_client().post("/verify", data={"file": (io.BytesIO(data), "a.pdf")}).text

    file = api.get(f"{url}/file", headers=staff).data
    assert "是登记的原件" in asked(file)
    assert "兴县应急管理局" in asked(file)
    assert "签名不全" in asked(deps.files.get(whole["revisions"][0]["sha256"]))
    assert "已登记" in app.test_client().get(f"/v/{whole['code']}").text


def test_without_an_approved_seal_there_is_no_proof_of_service(app, deps, play):
    case, answer = serve(app, play)
    with deps.system("test") as work:
        work.session.execute(
            update(SignatureRecord).filter_by(slot="seal").values(item_id=None, account_id=None),
            execution_options={"unscoped": "test", "synchronize_session": False},
        )
    refused = answer()
    assert refused.status_code == 409
    assert refused.json["detail"] == "文书没有经批准的用印，不能出具送达回证"
    (order,) = play.papers(STAFF, case)
    assert order.state == "sealed"


def test_the_public_page_needs_no_sign_in(app):
    browser = app.test_client()
    assert "文书核验" in browser.get("/verify").text
    assert "没有登记" in browser.get("/v/AAAABBBBCCCCDDDD").text
    sent = {"file": (io.BytesIO(b"junk"), "a.pdf")}
    assert "没有登记" in browser.post("/verify", data=sent).text
    assert browser.post("/verify", data={}).status_code == 422
