"""A look-back through the API, and what the pages of the ledger say of a hazard that came back."""

import pytest

from app.domain.hazards import HazardState
from tests.findings import GAS
from tests.looking import LEADER, STAFF, Look
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


def test_what_inspectors_typed_is_kept_when_the_leader_returns_it(app, client, look):
    case = look.ended_case()
    numbers = [look.hazard(case, f"护栏缺失（第{n}处）") for n in range(2)][
        ::-1
    ]  # the newest first
    loose = look.hazard(case, "警示标志缺失", state=HazardState.OPEN)
    look.begin()
    look.reported()
    look.verified(
        closed=[{"manner": "papers", "note": f"书面核实第{n}处"} for n in range(2)],
        own=[{"result": "open", "note": "标志仍未补设"}],
        found=[GAS],
        opinion="其余均已整改",
    )
    (task,) = look.open_of(look.look_back)
    page, token_ = client(LEADER), token(app, STAFF)
    sent = {"node": "verify", "reason": "请补充说明"}
    assert page.post(f"/tasks/{task.id}/return", data=sent).status_code == 303
    (again,) = [row.id for row in look.todo(STAFF) if row.node == "verify"]
    shown = client(STAFF).get(f"/tasks/{again}").text
    for typed in ("书面核实第0处", "书面核实第1处", "标志仍未补设", "其余均已整改"):
        assert typed in shown
    began = app.test_client().get(f"/api/v1/tasks/{again}", headers=token_).json["prefill"]
    notes = {row["hazard_id"]: row.get("note") for row in began["closed"]}
    assert notes == {str(numbers[n]): f"书面核实第{n}处" for n in range(2)}
    own = {row["hazard_id"]: row.get("note") for row in began["own"]}
    assert own.pop(str(loose)) == "标志仍未补设"
    assert list(own.values()) == [None]  # what was found is in the ledger by now,
    assert "found" not in began  # and is not found twice
    look.verified(own=[{"result": "open"}] * 2)
    assert len(look.hazards()) == 4
