"""A look-back through the API, and what the pages of the ledger say of a hazard that came back."""

import pytest

from tests.looking import STAFF, Look
from tests.people import token


@pytest.fixture
def look(deps, actor):
    return Look(deps, actor)


def test_a_hazard_that_came_back_and_the_one_it_was(app, client, look):
    old = look.hazard(look.ended_case())
    look.begin()
    look.reported()
    look.verified(closed=[{"result": "recurred", "note": "现场测试不报警"}])
    new = look.hazards()[-1].id
    api, headers = app.test_client(), token(app, STAFF)
    was = api.get(f"/api/v1/hazards/{old}", headers=headers).json
    now = api.get(f"/api/v1/hazards/{new}", headers=headers).json
    assert (was["origin"], was["recurred"]) == (None, [str(new)])
    assert (now["origin"], now["recurred"]) == (str(old), [])
    assert [change["what"] for change in was["changes"]] == ["recurred"]
    page = client(STAFF).get(f"/hazards/{old}").text
    assert f"复发后的隐患 {new}" in page
    assert "“回头看”发现复发，登记为新的隐患" in page
    assert f"复发前的隐患 {old}" in client(STAFF).get(f"/hazards/{new}").text


def test_a_wrong_verification_is_told_at_its_field(app, look):
    look.hazard(look.ended_case(), major=True)
    look.begin()
    look.reported()
    (task,) = [row.id for row in look.todo(STAFF) if row.node == "verify"]
    api, headers = app.test_client(), token(app, STAFF)
    shown = api.get(f"/api/v1/tasks/{task}", headers=headers).json
    assert shown["node"] == "verify"
    answers = {
        "accepted": "yes",
        "closed": [{"manner": "papers", "result": "confirmed", "note": "书面核实"}],
        "opinion": "已核实",
    }
    url, body = f"/api/v1/tasks/{task}/complete", {"answers": answers}
    refused = api.post(url, headers={**headers, "Idempotency-Key": "a-1"}, json=body)
    assert refused.status_code == 422, refused.json
    assert {"/closed", "/officers"} <= {error["pointer"] for error in refused.json["errors"]}
