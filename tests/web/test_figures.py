"""The figures of a campaign: right, and each the number of rows of the list that it opens."""

import io
import random
import re
from collections import Counter
from datetime import date
from html import unescape

import openpyxl
import pytest
from sqlalchemy import select

from app.domain.casework import CaseStatus
from app.domain.progress import COVERS, STANDINGS, UNDONE, VISITED, Cover, Standing
from app.engine import definitions
from app.models.campaigns import CampaignBatch, CampaignMember, CampaignStart
from app.models.casework import Case
from app.models.enterprises import Enterprise
from app.models.hazards import Hazard
from app.models.people import Organisation
from app.services import procedures
from app.services.campaigns import figures, reading
from app.services.tasks import burdens
from app.web.campaigns import SHOWN
from config import ROOT
from tests import counting
from tests.campaigning import STAFF, Run
from tests.casework import PLANT
from tests.filled import Filling
from tests.people import token
from tests.stories.closure import FOUND, VISIT

NUMBER = re.compile(r'<td class="num[^"]*"[^>]*><a href="([^"]+)">([\d,]+)</a>')
TILE = re.compile(
    r'<a href="([^"]+)"><span class="label">[^<]*</span></a><div class="value">(\d+)<'
)
NEXT = re.compile(r'href="([^"]+)" rel="next"')
SEEDS = (1, 2)
FOLLOWED = 40
"""Of more than 200 numbers so many are followed for each seed."""


@pytest.fixture
def run(on, deps, actor):
    made = Run(deps, actor)
    made.campaign = on.begin("a campaign", deps, lambda: made.open(sectors=None))
    return made


def filled(run, seed):
    Filling(run.deps, run.campaign, seed).fill()
    return run.view()


def shown(page):
    """Return every number of a page that opens a list, with the list's address."""
    return [(unescape(href), int(n.replace(",", ""))) for href, n in NUMBER.findall(page)]


def rows_behind(browser, href):
    """Return how many rows a list has, on all its pages."""
    count = 0
    while href:
        answer = browser.get(href)
        assert answer.status_code == 200, href
        results = answer.text.partition('id="results"')[2]
        count += results.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr>")
        following = NEXT.search(results)
        href = unescape(following[1]) if following else ""
    return count


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_is_the_number_of_rows_of_its_list(run, client, seed):
    view = filled(run, seed)
    browser = client(STAFF)
    numbers, rng = [], random.Random(seed)  # noqa: S311
    for batch in rng.sample(view.batches, 2):
        numbers += shown(browser.get(f"/campaigns/{run.campaign}?batch={batch.id}").text)
    page = browser.get(f"/campaigns/{run.campaign}").text
    numbers += [(unescape(href), int(n)) for href, n in TILE.findall(page)]
    kinds = Counter(re.split(r"[?]|/\d+/", href)[0] for href, _n in numbers)
    assert set(kinds) == {"/campaigns", "/hazards/", "/tasks/"}
    narrowed = {name for href, _n in numbers for name in re.findall(r"[?&](\w+)=", href)}
    assert narrowed >= {"state", "division", "sector", "holder", "cover", "found_by", "grade"}
    some = rng.sample(sorted(set(numbers)), FOLLOWED)
    wrong = {
        href: (number, rows)
        for href, number in some
        if (rows := rows_behind(browser, href)) != number
    }
    assert wrong == {}


def test_the_figures_are_those_one_counts_by_hand(run, deps, actor):
    view = filled(run, 7)
    with deps.system_reading("test") as work:
        batch = work.session.scalars(select(CampaignBatch).filter_by(node="county_batch")).one()
        starts = work.session.scalars(select(CampaignStart).filter_by(batch_id=batch.id)).all()
        cases = {case.id: case for case in work.session.scalars(select(Case))}
        members = set(work.session.scalars(select(CampaignMember.enterprise_id)))
        hazards = work.session.scalars(select(Hazard)).all()
        opened, now = cases[run.campaign].opened_at, work.now
        there = (Organisation.active, Enterprise.life.not_in(("closed", "banned")))
        left = select(Enterprise.id).join(Organisation, Organisation.id == Enterprise.id)
        gone = members - set(work.session.scalars(left.where(*there)))

    def stands(start):
        case = cases.get(start.case_id)
        done = case is not None and case.status is CaseStatus.FINISHED
        if start.enterprise_id in gone and not (
            done and case.ended not in UNDONE["county_inspection"]
        ):
            return Standing.GONE
        if start.case_id is None:
            return Standing.FAILED if start.problem else Standing.WAITING
        if done:
            undone = case.ended in UNDONE["county_inspection"]
            return Standing.STOPPED if undone else Standing.DONE
        if case.status is CaseStatus.CANCELLED:
            return Standing.STOPPED
        late = case.deadline is not None and case.deadline < now
        return Standing.LATE if late else Standing.RUNNING

    (found,) = [one for one in view.batches if one.id == batch.id]
    assert found.counts == Counter(stands(start) for start in starts)

    mine = [
        case
        for case in cases.values()
        if case.procedure == "county_inspection"
        and case.campaign_id in (None, run.campaign)
        and case.opened_at >= opened
    ]
    visited = {case.subject_id for case in mine if case.ended in VISITED} & members
    campaigns = [one for one in hazards if cases[one.found_in].campaign_id == run.campaign]
    by_hand = [one for one in hazards if cases[one.found_in] in mine]
    here = {one.enterprise_id for one in campaigns + by_hand}
    counted = {one.id: one for one in campaigns}
    counted |= {one.id: one for one in by_hand if one.enterprise_id in members}
    with deps.reading(actor(STAFF)) as work:
        covered = figures.coverage(work, run.campaign)
        with counting.statements(deps, "FROM hazard") as walks:
            found = figures.hazards(work, run.campaign)
    assert len(walks) == 1
    tallies = found.tallies
    assert gone - visited
    wanted = members - (gone - visited)
    assert covered.total == len(wanted)
    assert covered.visited == len(visited)
    assert covered.silent == len(visited - here) > 0
    assert [number for number, _name in covered.left] == sorted(wanted - visited)[: figures.NAMED]
    assert covered.missing == len(wanted - visited)
    assert sum(one.number for one in tallies) == len(counted)
    assert sum(one.number for one in tallies if one.closed and one.major) == sum(
        1 for one in counted.values() if one.major and one.closed_at
    )
    with deps.system_reading("test") as work:
        registered = {row.id: row for row in work.session.scalars(select(Enterprise))}
    for way, key in ((found.divisions, "place"), (found.sectors, "sector")):
        told = Counter(getattr(registered[one.enterprise_id], key) for one in counted.values())
        assert {"" if one.key == "-" else one.key: one.total for one in way} == told


def test_a_real_visit_covers_and_a_refused_one_does_not(deps, actor, clock):
    """By hand and to the end, as inspectors do it; the stage's gate says the same."""
    run = Run(deps, actor)
    run.open()

    def covered():
        with deps.reading(actor(STAFF)) as work:
            return figures.coverage(work, run.campaign)

    case = run.start(STAFF, "county_inspection")
    run.walk(case, "arrive", **VISIT)
    assert covered().counts == {Cover.RUNNING: 1, Cover.NONE: covered().total - 1}
    run.do(STAFF, "arrive", access="refused", witness="李明")
    assert covered().counts[Cover.REFUSED] == 1
    assert run.subject() in {number for number, _name in covered().left}

    again = run.start(STAFF, "county_inspection")
    nothing = {"worst": "none", "hazards": []}
    visit = {**VISIT["visit"], "hazards": [], "clean": True}
    assert run.walk(again, "", **{**VISIT, "visit": visit, "classify": {**FOUND, **nothing}}) == []
    found = covered()
    assert (found.visited, found.counts.get(Cover.REFUSED, 0), found.silent) == (1, 0, 1)
    assert run.subject() not in {number for number, _name in found.left}

    clock.advance(days=(date(2027, 9, 1) - clock.now.date()).days)
    run.sweep()
    gate = run.shown("gate_county")
    assert (gate["done"], gate["open"]) == (1, found.total - 1)
    assert PLANT not in gate["missing"]


def test_what_a_visit_by_hand_finds_is_found(deps, actor, client, app):
    run = Run(deps, actor)
    run.open()
    case = run.start(STAFF, "county_inspection")
    general = [{**row, "class": "general"} for row in VISIT["visit"]["hazards"]]
    assert (
        run.walk(case, "", **VISIT, classify={**FOUND, "worst": "general", "hazards": general})
        == []
    )
    with deps.reading(actor(STAFF)) as work:
        found = figures.coverage(work, run.campaign)
    assert (found.visited, found.silent) == (1, 0)
    page = client(STAFF).get(f"/campaigns/{run.campaign}").text
    here = f"/hazards/?campaign={run.campaign}&amp;"
    assert f'href="{here}found_by=inspectors' in page
    assert f'href="{here}place=141123' in page
    assert f'href="{here}sector=' in page
    numbers = {unescape(href): number for href, number in shown(page) if "/hazards/" in href}
    assert set(numbers.values()) == {2}
    for href in numbers:
        assert rows_behind(client(STAFF), href) == 2
    told = app.test_client().get(f"/api/v1/campaigns/{run.campaign}", headers=token(app, STAFF))
    assert [row["total"] for row in told.json["hazards_by"]["division"]] == [2]
    assert [row["total"] for row in told.json["hazards_by"]["sector"]] == [2]


def test_the_api_tells_the_same_as_the_page(run, app, client):
    filled(run, 4)
    headers = token(app, STAFF)
    whole = app.test_client().get(f"/api/v1/campaigns/{run.campaign}", headers=headers).json
    page = client(STAFF).get(f"/campaigns/{run.campaign}").text
    covered = whole["coverage"]
    assert covered["visited"] + len(covered["left"]) == covered["total"]
    assert covered["total"] + covered["gone"] == whole["members"]
    assert f"已检查 {covered['visited']} 家，应检查 {covered['total']} 家" in page
    batch = next(
        b for s in whole["stages"] for b in s["batches"] if b["id"] == whole["progress"]["batch"]
    )
    for way in ("division", "sector", "person"):
        groups = whole["progress"][way]
        assert sum(group["total"] for group in groups) == batch["total"]
        assert sum(group["late"] for group in groups) == batch["late"]
    hazards = whole["hazards"]
    assert hazards["plant"]["total"] + hazards["inspectors"]["total"] == (
        hazards["major"]["total"] + hazards["general"]["total"]
    )
    listed = app.test_client().get(
        f"/api/v1/hazards?campaign={run.campaign}&found_by=plant", headers=headers
    )
    assert bool(listed.json["items"]) == bool(hazards["plant"]["total"])
    lists = f"/api/v1/campaigns/{run.campaign}"
    behind = {
        f"{lists}/members?cover=left": covered["total"] - covered["visited"],
        f"{lists}/members?found=none": covered["nothing_found"],
        f"{lists}/batches/{batch['id']}?state=late": batch["late"],
        f"{lists}/batches/{batch['id']}?state=open": batch["total"] - batch["gone"] - batch["done"],
    }
    for way, key in (("division", "division"), ("sector", "sector"), ("person", "holder")):
        group = whole["progress"][way][0]
        behind[f"{lists}/batches/{batch['id']}?{key}={group['key']}"] = group["total"]
    assert all(behind.values())
    for address, many in behind.items():
        assert len(everything(app, address, headers)) == many, address
    (holder, *_rest) = whole["tasks"]
    address = f"/api/v1/tasks?box=supervised&campaign={run.campaign}&holder={holder['key']}"
    rows = app.test_client().get(f"{address}&due=late", headers=headers).json["items"]
    assert len(rows) == min(holder["late"], 20)


def everything(app, address, headers):
    """Return the items of a list of the API, of all its pages."""
    items, cursor = [], ""
    while cursor is not None:
        told = app.test_client().get(f"{address}&cursor={cursor}", headers=headers).json
        items, cursor = items + told["items"], told["next"]
    return items


def test_a_campaign_as_a_file(run, client):
    filled(run, 5)
    browser = client(STAFF)
    answer = browser.post(f"/campaigns/{run.campaign}/export")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == [
        *("概况", "阶段", "企业名单", "隐患", "按区划", "按行业", "按经办人", "待办和期限")
    ]
    members = list(book["企业名单"].values)
    assert len(members) == 1 + run.view().row.members
    assert {row[3] for row in members[1:]} <= {str(words) for words in COVERS.values()}
    assert {row[5] for row in members[1:]} <= {*map(str, STANDINGS.values()), None}
    stages = {row[3]: row for row in book["阶段"].values}
    assert stages["启动县级全面检查"][-1] == run.view().row.members - 1
    audit = client("xingxian.auditor").get("/audit/?action=campaign.export").text
    assert "导出了专项行动" in audit


def test_the_lists_behind_figures_as_files(run, client):
    view = filled(run, 6)
    browser = client(STAFF)
    batch = max(view.batches, key=lambda one: one.late)
    for page, number in (
        (f"/campaigns/{run.campaign}/batches/{batch.id}/export?state=late", batch.late),
        (f"/campaigns/{run.campaign}/members/export?cover=left", None),
        (f"/tasks/export?box=supervised&campaign={run.campaign}&due=late", None),
        (f"/hazards/export?campaign={run.campaign}&found_by=plant", None),
    ):
        rows = list(openpyxl.load_workbook(io.BytesIO(browser.post(page).data)).active.values)
        shown_rows = rows_behind(
            browser,
            page.replace("/export", "")
            .replace("hazards?", "hazards/?")
            .replace("tasks?", "tasks/?"),
        )
        assert len(rows) - 1 == shown_rows > 0
        assert number is None or number == shown_rows


def test_a_name_like_a_formula_stays_a_text(run, deps, client):
    with deps.system("test") as work:
        work.session.get_one(Organisation, run.subject()).name = "=1+1"
    data = client(STAFF).post(f"/campaigns/{run.campaign}/export").data
    cells = [row[0] for row in openpyxl.load_workbook(io.BytesIO(data))["企业名单"].iter_rows()]
    (cell,) = [cell for cell in cells if cell.value == "=1+1"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_how_many_statements_do_not_depend_on_how_many_members(run, deps, actor):
    filled(run, 8)
    with deps.reading(actor(STAFF)) as work, counting.statements(deps) as statements:
        figures.coverage(work, run.campaign)
        figures.hazards(work, run.campaign)
        burdens.of_campaign(work, run.campaign)
        view = reading.get(work, run.campaign)
        figures.progress(work, run.campaign, view.batches[0].id)
    assert len([one for one in statements if one.startswith(("SELECT", "WITH"))]) <= 30


def test_the_page_shows_who_is_furthest_behind_and_leads_to_everybody(run, client):
    browser, here = client(STAFF), f"/campaigns/{run.campaign}"
    holder = re.compile(r'href="/tasks/\?[^"]*holder=([^"&]+)')
    page = browser.get(here).text
    assert (
        len(set(holder.findall(page)))
        == SHOWN
        < len(run.run(STAFF, burdens.of_campaign, run.campaign))
    )
    (whole,) = re.findall(rf'href="({here}\?whole=tasks#tasks)"', page)
    assert 'id="tasks"' in page
    page = browser.get(whole).text
    assert len(set(holder.findall(page))) == len(run.run(STAFF, burdens.of_campaign, run.campaign))


def test_nothing_to_show_says_so(run, client):
    """A campaign that has only begun: nobody inspected, nothing found."""
    page = client(STAFF).get(f"/campaigns/{run.campaign}").text
    assert f"已检查 0 家，应检查 {run.view().row.members} 家" in page
    assert "0.0%" in page


@pytest.mark.parametrize("who", ["xingxian.plant", "xingxian.expert", "xingxian.admin"])
def test_who_takes_no_part_in_the_office_sees_no_figure(run, client, who):
    browser = client(who)
    here = f"/campaigns/{run.campaign}"
    for page in (here, f"{here}/members", f"{here}/batches/1"):
        assert browser.get(page).status_code == 403
    assert browser.post(f"{here}/export").status_code == 403


def test_a_plant_learns_nothing_of_others_by_the_filters(run, client):
    filled(run, 9)
    browser = client("xingxian.plant")
    name = run.view().row.name
    own = browser.get("/hazards/").text
    page = browser.get(f"/hazards/?campaign={run.campaign}").text
    assert name not in page
    others = set(re.findall(r"兴县\w+公司（演示）", page))
    assert others <= set(re.findall(r"兴县\w+公司（演示）", own))
    staff = run.actor("xingxian.staff1").id
    page = browser.get(f"/tasks/?box=supervised&campaign={run.campaign}&holder=a{staff}").text
    assert "白建国" not in page


@pytest.mark.parametrize("procedure", sorted(UNDONE))
def test_every_end_of_a_diagram_is_known_as_done_or_not(procedure):
    """A new end event of these diagrams is to be put where it belongs."""
    bundle = procedures.gather(ROOT, ROOT / f"bpmn/{procedure}.bpmn")
    ends = {
        node.id
        for node in definitions.load(bundle).nodes.values()
        if node.kind == "endEvent" and node.process == procedure
    }
    done = {
        "county_inspection": set(VISITED),
        "self_inspection": {"end_clean", "end_fixed", "end_stopping", "end_rectifying"},
        "look_back": {"end_clear", "end_caught_up", "end_gone"},
    }[procedure]
    told = {"end_reminded"}
    assert ends - told == done | set(UNDONE[procedure])


def test_cover_has_a_word_for_each():
    assert set(COVERS) == set(Cover)
    assert set(STANDINGS) == set(Standing)
