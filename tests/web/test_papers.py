"""Papers through the API: sign with a PIN, read the file, ask whether it is genuine."""

import io
import json
import re

import pytest
from sqlalchemy import select, update

from app.adapters.signature.verifying import check
from app.domain.strokes import MOST_POINTS, MOST_STROKES, TALL, WIDE
from app.models import Base
from app.models.documents import SignatureRecord
from app.services.demo.people import PIN
from app.services.pdf import keys
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


NAME = [[[100, 217], [1409, 211], [1413, 186]], [[707, 103], [719, 813]]]


WRITTEN = re.compile(r"1409\D{1,9}211\D{1,9}1413\D{1,9}186")
"""Its middle, however it may be written: four digits alone stand in many a digest by chance."""


def everything_kept(deps):
    """All that is in the database but the signatures, as text; and the jobs."""
    told = [json.dumps([*deps.jobs.waiting.items()], default=str)]
    with deps.system_reading("test") as work:
        for table in Base.metadata.sorted_tables:
            columns = [c for c in table.columns if (table.name, c.name) != KEPT]
            told += [
                str(row) for row in work.run(select(*columns).execution_options(unscoped="test"))
            ]
    return "\n".join(told)


KEPT = ("signature_record", "strokes")


def test_strokes_are_kept_with_the_signature_and_nowhere_else(app, deps, play, caplog):
    caplog.set_level("DEBUG")
    api = app.test_client()
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    mine = token(app, STAFF)
    (paper,) = api.get(f"/api/v1/cases/{case}", headers=mine).json["documents"]
    url = f"/api/v1/documents/{paper['id']}"
    body = {"pin": PIN, "sha256": paper["sha256"], "strokes": NAME}
    keyed = {**mine, "Idempotency-Key": "strokes"}
    signed = api.post(f"{url}/sign", json=body, headers=keyed)
    assert signed.status_code == 200, signed.text
    assert api.post(f"{url}/sign", json=body, headers=keyed).json == signed.json
    with deps.system_reading("test") as work:
        kept = work.session.scalars(select(SignatureRecord.strokes)).all()
    assert [json.loads(one) for one in kept] == [NAME]

    whole = api.get(url, headers=mine)
    assert [(s["slot"], s["handwritten"]) for s in whole.json["signatures"]] == [("officer1", True)]
    seen = "\n".join((whole.text, everything_kept(deps), caplog.text))
    assert "handwritten" in seen  # the history says that there are some
    assert not WRITTEN.search(seen)
    assert WRITTEN.search(repr(kept))
    assert PIN not in caplog.text

    (found,) = check(api.get(f"{url}/file", headers=mine).data, keys.trust(deps), deps.clock())
    assert found.good


@pytest.mark.parametrize(
    ("strokes", "at"),
    [
        ([], "/strokes"),
        ("[[[0,0],[900,900]]]", "/strokes"),
        ([[[0, 0], [3001, 9]]], "/strokes/0/1/0"),
        ([[[0, 0], [9]]], "/strokes/0/1"),
        ([[[0, 0]], []], "/strokes/1"),
        ([[[0, 0], [9, 9]]], "/strokes"),
        ([[[0, 0], [900, 900]] * 1001] * 2, "/strokes"),
        (None, "/strokes"),
    ],
)
def test_what_no_pad_sends_is_refused_before_the_pin_is_looked_at(app, play, strokes, at):
    api = app.test_client()
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    mine = token(app, STAFF)
    (paper,) = api.get(f"/api/v1/cases/{case}", headers=mine).json["documents"]
    body = {"pin": "000001", "sha256": paper["sha256"], "strokes": strokes}
    for _ in range(6):  # five wrong PINs would bar the signer
        refused = api.post(f"/api/v1/documents/{paper['id']}/sign", json=body, headers=mine)
        assert refused.status_code == 422
        assert [one["pointer"] for one in refused.json["errors"]] == [at]
    fine = {**body, "pin": PIN, "strokes": NAME}
    answer = api.post(f"/api/v1/documents/{paper['id']}/sign", json=fine, headers=mine)
    assert answer.status_code == 200


def test_the_page_takes_strokes_and_gives_them_back_with_what_is_wrong(client, play):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    (paper,) = play.papers(STAFF, case)
    item = next(row.id for row in play.todo(STAFF) if row.node == "sign_order")
    browser = client(STAFF)
    sent = {"document": paper.id, "sha256": paper.sha256, "checked": "1", "pin": PIN}
    page = browser.get(f"/tasks/{item}").text
    bounds = f'data-most-strokes="{MOST_STROKES}" data-most-points="{MOST_POINTS}"'
    assert bounds in page
    assert f'viewBox="0 0 {WIDE} {TALL}"' in page
    junk = '"><script>alert(1)</script>'
    refused = browser.post(f"/tasks/{item}/sign", data={**sent, "strokes": junk})
    assert refused.status_code == 422
    assert "笔迹无法读取" in refused.text
    assert "<script>alert" not in refused.text
    wrong = {**sent, "pin": "000001", "strokes": json.dumps(NAME)}
    again = browser.post(f"/tasks/{item}/sign", data=wrong)
    assert again.status_code == 422
    assert json.dumps(NAME) in again.text
    done = browser.post(f"/tasks/{item}/sign", data={**sent, "strokes": json.dumps(NAME)})
    assert done.status_code == 303
    page = browser.get(f"/documents/{paper.id}").text
    assert "签名，手写" in page
    assert "1413" not in page


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
