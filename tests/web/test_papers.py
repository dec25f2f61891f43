"""Papers through the API: sign with a PIN, read the file, ask whether it is genuine."""

import io

import pytest

from app.services.demo.people import PIN
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


def test_the_public_page_needs_no_sign_in(app):
    browser = app.test_client()
    assert "文书核验" in browser.get("/verify").text
    assert "没有登记" in browser.get("/v/AAAABBBBCCCCDDDD").text
    sent = {"file": (io.BytesIO(b"junk"), "a.pdf")}
    assert "没有登记" in browser.post("/verify", data=sent).text
    assert browser.post("/verify", data={}).status_code == 422
