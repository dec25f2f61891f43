"""Pages and API of rankings: every sum with its numbers and the way to what it comes from."""

import pytest

from app.services.tasks import commands
from tests.people import token
from tests.spotchecks import FINDING, STAFF, City

COUNTY = "xingxian.staff1"
ADMIN = "shanxi.admin"
HEAD = {"since": "2027-01-01", "basis": "吕应急发〔2026〕31号", "reason": "提高检查覆盖率的分值"}


@pytest.fixture
def play(deps, actor):
    return City(deps, actor)


@pytest.fixture
def ranking(play, clock):
    play.spot = play.scored(clock, FINDING)
    return play.ranking(play.spot).row.id


def test_every_point_leads_to_what_it_comes_from(client, play, ranking):
    browser = client(STAFF[0])
    assert f'href="/rankings/{ranking}"' in browser.get("/rankings/").text
    assert f'href="/rankings/{ranking}"' in browser.get(f"/draws/{play.draw(play.spot)}").text
    page = browser.get(f"/rankings/{ranking}").text
    for county in ("141123", "141182"):
        for measure in ("coverage", "known", "closed", "answered", "reported", "supervised"):
            assert f'href="/rankings/{ranking}/{county}/{measure}"' in page
    assert page.count("未发现任何隐患") == 2
    told = browser.get(f"/rankings/{ranking}/141123/known").text
    assert FINDING["description"] in told
    assert 'href="/hazards/' in told
    assert browser.get(f"/rankings/{ranking}/141123/nothing").status_code == 404


def test_the_history_says_whether_anything_was_corrected(client, play, ranking):
    assert ranking
    page = f"/draws/{play.draw(play.spot)}"
    item = next(row for row in play.todo(STAFF[0]) if row.node == "check_scores")
    play.complete(STAFF[0], item.id)
    assert "核对评分，没有更正" in client(STAFF[0]).get(page).text
    assert "更正评分" not in client(STAFF[0]).get(page).text
    deputy = "lvliang.deputy"
    item = next(row for row in play.todo(deputy) if row.node == "approve_scores")
    play.run(deputy, commands.return_to, item.id, "check_scores", "汾阳的覆盖率有误")
    item = next(row for row in play.todo(STAFF[0]) if row.node == "check_scores")
    rows = play.task(STAFF[0], item.id).prefill["rows"]
    said = {"new_part": 58, "new_whole": 60, "reason": "纸质记录补录，58家已检查"}
    changed = [said if row["key"] == "141123 coverage" else {} for row in rows]
    play.complete(STAFF[0], item.id, rows=changed)
    shown = client(STAFF[0]).get(page).text
    assert "更正评分" in shown
    assert "更正 1 项" in shown


def test_the_rule_is_published(client):
    page = client(COUNTY).get("/rankings/rule").text
    assert "评分办法第 1 版" in page
    assert "市级抽查发现的隐患" in page


WEIGHTS = {"coverage": 40, "known": 25, "closed": 20, "answered": 10, "reported": 5}


def posted(**changes):
    """Return the next version as its page sends it: more for coverage, none for supervision."""
    fields = {
        "seen": "1",
        "since": "2027-01-01",
        "basis": "吕应急发〔2026〕31号",
        "reason": "提高检查覆盖率的分值",
    }
    for index, measure in enumerate([*WEIGHTS, "supervised"]):
        fields[f"measures.{index}._row"] = "1"
        fields[f"measures.{index}._key"] = measure
        fields[f"measures.{index}.weight"] = str(WEIGHTS.get(measure, 0))
        fields[f"measures.{index}.empty"] = "none" if measure == "closed" else "full"
    return {**fields, **changes}


class TestRule:
    def test_an_administrator_makes_the_next_version_on_the_page(self, client):
        browser, history = client(ADMIN), client("shanxi.auditor")
        before = history.get("/audit/").text.count("发布了评分办法")
        assert 'href="/rankings/rule/edit"' in browser.get("/rankings/rule").text
        assert "县级检查覆盖率" in browser.get("/rankings/rule/edit").text
        answer = browser.post("/rankings/rule/edit", data=posted())
        assert answer.status_code == 303, answer.text
        page = client(COUNTY).get("/rankings/rule").text
        assert page.index("评分办法第 2 版") < page.index("评分办法第 1 版")
        for told in ("2027年1月1日", "吕应急发〔2026〕31号", "提高检查覆盖率的分值"):
            assert told in page
        assert page.count("重大隐患挂牌督办率") == 1  # of the first version alone
        assert browser.post("/rankings/rule/edit", data=posted()).status_code == 409
        assert history.get("/audit/").text.count("发布了评分办法") == before + 1

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"measures.0.weight": "30"}, "各项满分合计应为 100 分，现在是 90 分"),
            ({"since": "2026-01-01"}, "不能早于今天"),
            ({"reason": ""}, "修改原因"),
        ],
    )
    def test_what_is_wrong_is_told_and_nothing_typed_is_lost(self, client, changes, told):
        refused = client(ADMIN).post("/rankings/rule/edit", data=posted(**changes))
        assert refused.status_code == 422
        assert told in refused.text
        assert "吕应急发〔2026〕31号" in refused.text

    def test_nobody_else_does(self, client):
        assert 'href="/rankings/rule/edit"' not in client(COUNTY).get("/rankings/rule").text
        assert client(COUNTY).get("/rankings/rule/edit").status_code == 403
        assert (
            client("xingxian.admin").post("/rankings/rule/edit", data=posted()).status_code == 403
        )

    def test_it_can_be_read_in_english(self, client):
        browser = client(ADMIN)
        browser.get("/language/en")
        for address in ("/rankings/rule", "/rankings/rule/edit"):
            page = browser.get(address).text
            assert "Coverage of the county inspection" in page
            assert "县级检查覆盖率" not in page

    def test_a_ranking_keeps_the_version_it_was_made_with(self, client, app, play, clock, ranking):
        before = client(STAFF[0]).get(f"/rankings/{ranking}").text
        assert 'href="/rankings/rule#v1"' in before
        api, keys = app.test_client(), token(app, ADMIN)
        rules = api.get("/api/v1/rankings/rules", headers=keys).json["items"]
        measures = [
            {"key": one["key"], "empty": one["empty"], "weight": WEIGHTS.get(one["key"], 0)}
            for one in rules[0]["measures"]
        ]
        body = {**HEAD, "seen": 1, "measures": measures}
        sent = {**keys, "Idempotency-Key": "r-1"}
        made = api.post("/api/v1/rankings/rules", headers=sent, json=body)
        assert made.status_code == 201, made.json
        assert made.json["version"] == 2
        assert sum(one["weight"] for one in made.json["measures"]) == 100
        assert "重大隐患挂牌督办率" in client(STAFF[0]).get(f"/rankings/{ranking}").text
        staff = token(app, STAFF[0])
        told = api.get(f"/api/v1/rankings/{ranking}", headers=staff).json
        assert (told["version"], len(told["counties"][0]["sums"])) == (1, 6)
        again = api.post(
            "/api/v1/rankings/rules", headers={**keys, "Idempotency-Key": "r-2"}, json=body
        )
        assert again.status_code == 409

    def test_the_next_draw_is_scored_by_the_version_in_force(self, client, play, clock):
        since = play.today.isoformat()
        assert (
            client(ADMIN).post("/rankings/rule/edit", data=posted(since=since)).status_code == 303
        )
        play.spot = play.scored(clock, FINDING)
        view = play.ranking(play.spot)
        assert view.rule.version == 2
        assert [one.measure.key for one in view.counties[0].sums] == list(WEIGHTS)


def test_a_county_sees_nothing_before_the_circular_and_its_own_after(client, app, play, ranking):
    browser, headers = client(COUNTY), token(app, COUNTY)
    assert browser.get(f"/rankings/{ranking}").status_code == 404
    assert app.test_client().get(f"/api/v1/rankings/{ranking}", headers=headers).status_code == 404
    play.circulated(play.spot)
    page = browser.get(f"/rankings/{ranking}").text
    assert f'href="/rankings/{ranking}/141123/coverage"' in page
    assert f"/rankings/{ranking}/141182" not in page
    assert "/documents/" in page
    told = app.test_client().get(f"/api/v1/rankings/{ranking}", headers=headers).json
    assert {row["county"]: bool(row["sums"]) for row in told["counties"]} == {
        "141123": True,
        "141182": False,
    }


def test_the_api_tells_exact_fractions(app, play, ranking):
    headers, caller = token(app, STAFF[0]), app.test_client()
    (row,) = caller.get("/api/v1/rankings", headers=headers).json["items"]
    assert row["id"] == str(ranking)
    told = caller.get(f"/api/v1/rankings/{ranking}", headers=headers).json
    view = play.ranking(play.spot)
    assert [one["exact"] for one in told["counties"]] == [str(one.total) for one in view.counties]
