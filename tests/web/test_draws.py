"""Pages, API and public pages of draws, and drawing again from the command line."""

import contextlib
import io
import os
import re
import subprocess
import sys
import zipfile
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from app.adapters.bundles import NoBundle, pack, unpack
from app.models.people import Organisation
from app.services.draws import publishing
from config import ROOT
from tests.draws import by_hand
from tests.people import token
from tests.spotchecks import BASIS, STAFF, City

HEAD, COUNTY = "lvliang.head", "xingxian.staff1"


@pytest.fixture
def play(deps, actor):
    return City(deps, actor)


def replay(path):
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "draw", "replay", str(path)],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "en_US.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_case_starts_about_the_office_without_a_choice(client, play):
    browser = client(STAFF[0])
    page = browser.get("/procedures/city_spot_check/start").text
    assert "选择企业" not in page
    answer = browser.post("/procedures/city_spot_check/start", data=BASIS)
    assert answer.status_code == 303
    case = browser.get(answer.headers["Location"]).text
    assert "吕梁市应急管理局" in case
    with play.deps.system_reading("test") as work:
        assert work.session.scalar(select(Organisation.name).filter_by(id=play.bureau())) in case


def test_an_inspector_declares_on_the_page(client, play):
    case = play.begin()
    draw = play.draw(case)
    browser = client(STAFF[0])
    page = browser.get(f"/draws/{draw}").text
    assert "请申报回避情况" in page
    assert f'href="/draws/{draw}"' in browser.get(f"/cases/{case}").text
    bad = browser.post(f"/draws/{draw}/interests", data={"enterprise": "", "reason": "亲属"})
    assert bad.status_code == 422
    assert "请选择名录中的企业" in bad.text
    plant = play.entries(case)[0]
    told = {"enterprise": plant.enterprise_id, "reason": "配偶在该企业任职"}
    assert browser.post(f"/draws/{draw}/interests", data=told).status_code == 303
    page = browser.get(f"/draws/{draw}").text
    assert "配偶在该企业任职" in page
    assert "请申报回避情况" not in page
    assert "我的申报" not in client(HEAD).get(f"/draws/{draw}").text


def test_an_inspector_declares_through_the_api(app, play):
    case = play.begin()
    draw, caller = play.draw(case), app.test_client()
    headers = token(app, STAFF[0])

    def declare(number, **body):
        with_key = {**headers, "Idempotency-Key": f"declares-{number}-0000"}
        path = f"/api/v1/draws/{draw}/interests"
        return caller.post(path, json=body, headers=with_key)

    assert declare(1, enterprise="0", reason="亲属").json["errors"][0]["pointer"] == "/enterprise"
    assert declare(2, enterprise=None, reason="").status_code == 204
    assert [one.name for one in play.view(case).declared] == ["秦建国（演示）"]


def test_the_record_of_a_visit_shows_who_makes_it(client, play, clock):
    case = play.confirmed(clock)
    visit = play.target(case).visit_id
    first, _second = play.arrive(visit)
    item = next(row for row in play.todo(first) if row.case_id == visit)
    page = client(first).get(f"/tasks/{item.id}").text
    given = play.task(first, item.id).prefill["officers"]
    assert len(given) == 2
    for officer in given:
        assert f">{officer['certificate']}<" in page


def test_pages_from_the_commitment_to_the_list(client, play, clock):
    case = play.drawn(clock)
    draw, row = play.draw(case), play.row(case)
    page = client(HEAD).get(f"/draws/{draw}").text
    assert row.commitment in page
    assert "抽查名单（17 家）" in page
    assert "名单尚未公开" in page
    assert row.number in client(HEAD).get("/draws/").text
    assert "没有符合条件的抽查" in client(HEAD).get("/draws/?state=closed").text
    english = client(HEAD)
    english.get("/language/en")
    page = english.get(f"/draws/{draw}").text
    assert "The list (17 enterprises)" in page
    task = next(item for item in play.todo("lvliang.deputy") if item.node == "confirm")
    page = client("lvliang.deputy").get(f"/tasks/{task.id}").text
    assert f'href="/draws/{draw}"' in page
    assert "随机抽取" in page


def test_the_roster_by_county(client, play):
    draw = play.draw(play.begin())
    browser = client(HEAD)
    page = browser.get(f"/draws/{draw}").text
    assert "企业台账列为不放心企业" in page
    page = browser.get(f"/draws/{draw}/roster").text
    assert "共 60 家" in page
    for county in ("141182", "nowhere"):
        page = browser.get(f"/draws/{draw}/roster?county={county}").text
        assert ("汾阳杏花食品有限公司" in page) is (county == "141182")


def test_a_county_finds_nothing(client, app, play, clock):
    draw = play.draw(play.drawn(clock))
    browser = client(COUNTY)
    empty = browser.get("/draws/").text
    assert "还没有双随机抽查" in empty
    assert "启动“市级督查抽查”流程" not in empty  # a county cannot
    assert "由市级以上应急管理部门的执法人员组织" in empty
    for path in (f"/draws/{draw}", f"/draws/{draw}/roster", f"/draws/{draw}/bundle"):
        assert browser.get(path).status_code == 404
    caller, headers = app.test_client(), token(app, COUNTY)
    assert caller.get("/api/v1/draws", headers=headers).json == {"items": [], "next": None}
    assert caller.get(f"/api/v1/draws/{draw}", headers=headers).status_code == 404


def test_the_public_page_tells_no_secret_before_the_end(client, play, clock):
    case = play.confirmed(clock)
    row, stranger = play.row(case), client()
    assert row.number in stranger.get("/public/draws").text
    page = stranger.get(f"/public/draws/{row.number}").text
    assert row.commitment in page
    assert row.value in page
    secrets = [row.salt, row.seed, *(line.entry.name for line in play.view(case).lines)]
    assert not [secret for secret in secrets if secret in page]
    assert stranger.get(f"/public/draws/{row.number}/bundle").status_code == 404
    play.visited(case)
    play.own_done(case)
    play.do(STAFF[0], "gather", enterprises=17, hazards=0, major=0, summary="检查全部办结")
    page = stranger.get(f"/public/draws/{row.number}").text
    assert row.salt in page
    assert play.view(case).targets[0].entry.name in page
    data = stranger.get(f"/public/draws/{row.number}/bundle").data
    assert "reasons" not in unpack(data)
    assert stranger.get("/public/draws/1411-2026-99").status_code == 404


def test_who_can_begin_a_draw_is_told_how(client):
    assert "启动“市级督查抽查”流程" in client(STAFF[0]).get("/draws/").text
    assert "启动“市级督查抽查”流程" not in client(HEAD).get("/draws/").text


def test_the_public_page_looks_at_one_page_of_the_list_and_not_at_the_roster(
    client, play, clock, monkeypatch
):
    monkeypatch.setattr(publishing, "LISTED", 4)
    case = play.confirmed(clock)
    row, stranger = play.row(case), client()
    play.visited(case)
    rows = []

    def see(_connection, _cursor, statement, *_more):
        if "FROM draw_entry" in statement or "FROM draw_visitor" in statement:
            rows.append(statement)

    engine = play.deps.database.engine
    event.listen(engine, "before_cursor_execute", see)
    names, address = [], f"/public/draws/{row.number}"
    while address:
        page = stranger.get(address).text
        named = re.findall(r'data-label="企业" class="lead"><div>([^<]+)<', page)
        assert len(named) <= 4
        names += named
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = unescape(following[1]) if following else ""
    event.remove(engine, "before_cursor_execute", see)
    listed = play.view(case).targets
    assert names == [line.entry.name for line in listed]
    assert len(listed) > 4
    unbounded = [one for one in rows if "LIMIT" not in one and "count(" not in one]
    assert all("enterprise_id IN" in one for one in unbounded), unbounded


def test_the_api_tells_all_that_it_takes_to_draw_again(app, play, clock, tmp_path):
    case = play.committed()
    draw, headers, caller = play.draw(case), token(app, HEAD), app.test_client()
    told = caller.get(f"/api/v1/draws/{draw}", headers=headers).json
    assert (told["state"], told["seed"], told["targets"]) == ("committed", "", [])
    assert caller.get(f"/api/v1/draws/{draw}/bundle", headers=headers).status_code == 409
    play.drawing(clock, case)
    play.type()
    headers = token(app, HEAD)  # days have passed
    told = caller.get(f"/api/v1/draws/{draw}", headers=headers).json
    assert len(told["targets"]) == 17
    assert caller.get("/api/v1/draws?state=drawn", headers=headers).json["items"][0]["id"] == str(
        draw
    )
    answer = caller.get(f"/api/v1/draws/{draw}/bundle", headers=headers)
    assert answer.content_type == "application/zip"
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(answer.data)
    done = replay(bundle)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 17 + 3
    folder = tmp_path / "unpacked"
    folder.mkdir()
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    assert replay(folder).returncode == 0
    assert by_hand(folder, {}).returncode == 0


def test_the_command_line_finds_what_was_changed(play, clock, tmp_path, client):
    case = play.drawn(clock)
    files = unpack(client(HEAD).get(f"/draws/{play.draw(case)}/bundle").data)
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(pack({**files, "list": files["list"].replace("drawn", "full", 1)}))
    done = replay(bundle)
    assert done.returncode == 1
    assert "list: not what the draw gives" in done.stdout
    bundle.write_bytes(b"no zip")
    assert replay(bundle).returncode == 1


def test_the_same_files_make_the_same_bundle():
    assert pack({"a": "1\n", "b": "2\n"}) == pack({"b": "2\n", "a": "1\n"})
    assert unpack(pack({"a": "名录\n"})) == {"a": "名录\n"}


@given(st.data())
def test_a_damaged_bundle_is_refused(data):
    """Whatever a bad disk or hand did to it: it is read, or called no bundle."""
    whole = bytearray(pack({"register": "a plant\n" * 50, "rule": "1 of 10"}))
    for at in data.draw(st.sets(st.integers(0, len(whole) - 1), min_size=1, max_size=6)):
        whole[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NoBundle):
        unpack(bytes(whole))


def test_what_is_no_bundle_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(40):
            archive.writestr(f"{number}.txt", "")
    for data in (b"", b"PK\x03\x04", out.getvalue(), pack({"a": "x"})[:-4]):
        with pytest.raises(NoBundle):
            unpack(data)
