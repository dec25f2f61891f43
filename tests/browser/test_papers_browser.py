"""The pages of papers in a browser: signing on a phone, accessible, in both languages."""

import json

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.models.people import Organisation
from app.services.demo.people import PASSWORD, PIN
from app.services.documents import reading as documents
from app.services.tasks import commands
from tests import documents_made as made
from tests import fakes
from tests.answers import answers_for
from tests.browser.pages import EACH, aside, good, look, sign_in
from tests.casework import ANSWERS, Play, picture
from tests.people import actor_of

pytestmark = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")
STAFF, SECOND, KEEPER = "xingxian.staff1", "xingxian.staff2", "xingxian.seal"


@pytest.fixture
def play(deps):
    object.__setattr__(deps, "papers", fakes.papers(made.press()))
    return Play(deps, lambda username: actor_of(deps, username))


def first_order(play):
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    return case, play.papers(STAFF, case)[-1]


@EACH
def test_papers_from_the_form_to_the_public_page(page, axe, play, language):
    case, paper = first_order(play)
    sign_in(page, STAFF)
    page.goto(f"/language/{language}")
    item = next(row.id for row in play.todo(STAFF) if row.node == "sign_order")
    page.goto(f"/tasks/{item}")
    good(page, axe, f"sign-{language}")

    page.fill("#sign-pin", "000001")
    page.check("#sign-checked")
    page.click("#sign .btn-primary")
    page.wait_for_selector("#sign .field-error")
    assert page.input_value("#sign-pin") == ""
    good(page, axe, f"refused-{language}")
    page.fill("#sign-pin", PIN)
    page.check("#sign-checked")
    page.click("#sign .btn-primary")
    page.wait_for_url(f"**/cases/{case}")
    good(page, axe, f"case-{language}")

    aside(play.finish_papers)
    page.goto("/documents/")
    good(page, axe, f"register-{language}")
    page.goto(f"/documents/{paper.id}")
    good(page, axe, f"document-{language}")
    aside(lambda: play.do(STAFF, "serve_order", officers=ANSWERS["draft_order"]["officers"]))
    aside(lambda: play.deps.jobs.drain(play.deps))  # the proof of service is sealed
    page.goto(f"/documents/{paper.id}")
    code = page.get_attribute("a[href^='/v/']", "href").rsplit("/", 1)[1]
    page.goto("/verify")
    good(page, axe, f"verify-{language}")
    page.fill("#f-code", code)
    page.click("text=查询" if language == "zh" else "text=Search")
    page.wait_for_selector("#result .t-success")
    good(page, axe, f"registered-{language}")
    file = play.deps.files.get(play.papers(STAFF, case)[0].sha256)
    upload = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": file + b"\n% more"}
    page.set_input_files("#verify-file", upload)
    page.locator("form[enctype] .btn-primary").click()
    page.wait_for_selector("#result .t-danger")
    good(page, axe, f"altered-{language}")


def write(page, *strokes):
    """Write on the pad with the pointer; points are shares of its width and height."""
    page.locator("[data-pad-sheet]").scroll_into_view_if_needed()
    box = page.locator("[data-pad-sheet]").bounding_box()
    for (x, y), *others in strokes:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        page.mouse.down()
        for across, down in others:
            to = (box["x"] + across * box["width"], box["y"] + down * box["height"])
            page.mouse.move(*to, steps=6)
        page.mouse.up()


HAND = [
    [(0.2, 0.25), (0.45, 0.22)],
    [(0.33, 0.1), (0.34, 0.8), (0.3, 0.72)],
    [(0.55, 0.2), (0.85, 0.2), (0.6, 0.85)],
]


@pytest.mark.parametrize(("screen", "language"), [("desktop", "zh"), ("phone", "en")])
def test_a_name_is_written_by_hand(play, axe, request, screen, language):
    case, paper = first_order(play)
    page = request.getfixturevalue(screen)
    sign_in(page, STAFF)
    page.goto(f"/language/{language}")
    item = next(row.id for row in play.todo(STAFF) if row.node == "sign_order")
    page.goto(f"/tasks/{item}")
    undo, clear = page.locator("[data-pad-undo]"), page.locator("[data-pad-clear]")
    sheet, value = page.locator("[data-pad-sheet]"), page.locator("[data-pad-value]")
    expect(undo).to_be_disabled()
    write(page, *HAND)
    expect(sheet.locator("g path")).to_have_count(3)
    before = sheet.get_attribute("aria-label")
    undo.press("Enter")
    expect(sheet.locator("g path")).to_have_count(2)
    assert sheet.get_attribute("aria-label") != before
    assert len(json.loads(value.input_value())) == 2
    clear.press("Enter")
    expect(sheet.locator("g path")).to_have_count(0)
    assert value.input_value() == ""
    expect(page.locator("#sign-pin")).to_be_focused()  # who cannot write goes on from here

    write(page, [(0.5, 0.5), (0.51, 0.5)])  # a slip of the finger
    page.fill("#sign-pin", PIN)
    page.check("#sign-checked")
    page.click("#sign .btn-primary")
    page.wait_for_selector("#sign .pad-field .field-error")
    good(page, axe, f"pad-refused-{language}")
    clear.click()
    write(page, *HAND)
    look(page, f"pad-{language}")
    page.fill("#sign-pin", "000001")
    page.check("#sign-checked")
    page.click("#sign .btn-primary")
    page.wait_for_selector("#sign-pin[aria-invalid]")
    expect(sheet.locator("g path")).to_have_count(3)  # what was written is still there
    page.fill("#sign-pin", PIN)
    page.check("#sign-checked")
    page.click("#sign .btn-primary")
    page.wait_for_url(f"**/cases/{case}")
    page.goto(f"/documents/{paper.id}")
    assert ("签名，手写" if language == "zh" else "Signed by hand") in page.text_content("main")
    good(page, axe, f"pad-signed-{language}")


def test_a_draft_is_previewed_and_lost_nothing(page, axe, play):
    play.start(STAFF)
    sign_in(page, STAFF)
    item = play.todo(STAFF)[0].id
    page.goto(f"/tasks/{item}")
    page.click("button[value=preview]")
    page.wait_for_selector(".error-box")
    assert page.locator(".sheets").count() == 0
    good(page, axe, "preview-refused")
    view = play.task(STAFF, item)
    answers = answers_for(view.form, ANSWERS["draft_order"])
    play.run(STAFF, commands.save_draft, item, answers)
    page.goto(f"/tasks/{item}")
    page.click("button[value=preview]")
    page.wait_for_selector(".sheets img")
    good(page, axe, "preview")


def office(play):
    with play.deps.system_reading("test") as work:
        return work.session.scalars(
            select(Organisation.id).filter_by(place="141123", kind="emergency_bureau")
        ).one()


@EACH
def test_settings_show_the_next_number_while_one_types(page, axe, play, language):
    here = office(play)
    sign_in(page, "xingxian.admin")
    page.goto(f"/language/{language}")
    page.goto(f"/organisations/{here}")
    page.click("main a[href$='/papers']")
    page.wait_for_url("**/papers")
    good(page, axe, f"settings-{language}")
    page.fill("#f-pattern", "{short}应急{code}字〔{year}〕第{number}号")
    page.wait_for_selector("#example >> text=兴应急责改字〔2026〕第1号")
    page.fill("#f-pattern", "{short}应急字〔{year}〕第{number}号")
    page.wait_for_selector("#example .field-error")
    page.click("main .btn-primary")
    page.wait_for_selector("#f-pattern-note.field-error")
    good(page, axe, f"settings-refused-{language}")
    page.fill("#f-pattern", "{short}应急{code}字〔{year}〕第{number}号")
    page.fill("#f-review", "吕梁市人民政府")
    page.click("main .btn-primary")
    page.wait_for_selector("#flashes")
    assert page.input_value("#f-review") == "吕梁市人民政府"
    good(page, axe, f"settings-saved-{language}")


@EACH
def test_a_certificate_is_revoked(page, axe, play, language):
    here = office(play)
    sign_in(page, "xingxian.admin")
    page.goto(f"/language/{language}")
    page.goto(f"/organisations/{here}/certificates")
    good(page, axe, f"certificates-none-{language}")
    first_order(play)
    aside(play.finish_papers)
    page.goto(f"/organisations/{here}")
    good(page, axe, f"office-{language}")
    page.click("main a[href$='/certificates']")
    page.wait_for_url("**/certificates")
    good(page, axe, f"certificates-{language}")
    page.select_option("#f-key", index=1)
    page.fill("#f-reason", "签名口令可能被他人知悉")
    page.fill("#f-password", "not mine")
    page.click("#revoke .btn-danger")
    page.wait_for_selector("#f-password-note.field-error")
    assert page.input_value("#f-reason") == "签名口令可能被他人知悉"
    good(page, axe, f"certificates-refused-{language}")
    page.fill("#f-password", PASSWORD)
    page.click("#revoke .btn-danger")
    page.wait_for_selector("main td .t-late")
    assert page.locator("#f-key option").count() == 3
    good(page, axe, f"certificates-revoked-{language}")


OFFICERS = ANSWERS["draft_order"]["officers"]


def recorded(play, until="site_record_plant", **cosigned):
    """An inspection whose record two officers have signed."""
    case = play.start(STAFF, "county_inspection")
    walk = {
        "plan": {"officers": OFFICERS, "expert_wanted": "no"},
        "arrive": {"officers": OFFICERS, "access": "admitted"},
        "visit": {"officers": OFFICERS, "danger": "no", "clean": True},
        "site_record_cosign": cosigned,
    }
    (item,) = play.walk(case, until, **walk)
    return case, item.id


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_a_plant_signs_the_record_with_its_answers(play, axe, request, screen):
    made_ready = []
    aside(lambda: made_ready.append(recorded(play)))
    case, item = made_ready[0]
    page = request.getfixturevalue(screen)
    sign_in(page, "xingxian.plant")
    page.goto(f"/tasks/{item}")
    good(page, axe, f"record-{screen}")
    page.get_by_label("核对无误，签字").check()
    page.fill("input[name=person]", "陈静")
    page.fill("input[name=post]", "")
    page.fill("#sign-pin", "000000")
    page.click(".action-bar .btn-primary")
    box = page.locator("[data-problems]")
    expect(box).to_be_focused()  # both are told at once, in sight
    assert box.locator("a").all_inner_texts() == ["请填写职务", "签名口令不正确"]
    assert page.input_value("input[name=person]") == "陈静"  # what was typed is still there
    box.get_by_text("签名口令不正确").click()
    expect(page.locator("#sign-pin[aria-invalid]")).to_be_focused()
    page.fill("input[name=post]", "主要负责人")
    write(page, *HAND)
    page.fill("#sign-pin", "000000")
    page.click(".action-bar .btn-primary")
    expect(box).to_be_focused()
    expect(page.locator("[data-pad-sheet] g path")).to_have_count(3)
    good(page, axe, f"record-wrong-{screen}")
    page.fill("#sign-pin", PIN)
    page.click(".action-bar .btn-primary")
    page.wait_for_url(f"**/cases/{case}")
    kinds = {row.kind: row.state for row in play.papers(STAFF, case)}
    assert kinds["inspection_record"] == "sealed"


@pytest.mark.parametrize(("how", "screen"), [("pad", "phone"), ("scan", "desktop")])
def test_a_plant_without_an_account_signs_by_hand(play, axe, request, how, screen):
    """On the inspector's phone at the scene, or on the print, which is scanned at the office."""
    made_ready = []
    aside(lambda: made_ready.append(recorded(play, "site_record_hand", plant_signs="by_hand")))
    case, item = made_ready[0]
    page = request.getfixturevalue(screen)
    sign_in(page, STAFF)
    page.goto(f"/tasks/{item}")
    page.get_by_label("在本机签名板" if how == "pad" else "在打印件上签字").check()
    page.fill("input[name=signer]", "陈静")
    page.fill("input[name=signer_post]", "生产厂长")
    page.check("input[name=agrees]")
    page.fill("#sign-pin", PIN)
    if how == "pad":
        page.click(".action-bar .btn-primary")
        box = page.locator("[data-problems]")
        expect(box).to_be_focused()
        assert box.locator("a").all_inner_texts() == ["请签字人在签名板上手写"]
        write(page, *HAND)
        page.fill("#sign-pin", PIN)
    else:
        scan = {"name": "签字页.png", "mimeType": "image/png", "buffer": picture((600, 800))}
        page.locator('input[type=file][name="scans"]').last.set_input_files([scan])
    good(page, axe, f"by-hand-{how}")
    page.click(".action-bar .btn-primary")
    page.wait_for_url(f"**/cases/{case}")
    paper = next(row for row in play.papers(STAFF, case) if row.kind == "inspection_record")
    assert paper.state == "sealed"
    page.goto(f"/documents/{paper.id}")
    certified = "当面手写签名，由白建国" if how == "pad" else "手写签名扫描件，由白建国"
    assert certified in page.text_content("main")
    good(page, axe, f"by-hand-document-{how}")
    page.goto(f"/v/{play.run(STAFF, documents.get, paper.id).code}")
    assert "由白＊核对" in page.text_content("main")
    good(page, axe, f"by-hand-verified-{how}")


def test_who_does_not_sign_needs_no_pin(play, desktop):
    made_ready = []
    aside(lambda: made_ready.append(recorded(play)))
    case, item = made_ready[0]
    sign_in(desktop, "xingxian.plant")
    desktop.goto(f"/tasks/{item}")
    desktop.get_by_label("不签字").check()
    desktop.fill("textarea[name=objection]", "不认可检查结果")
    desktop.fill("input[name=person]", "陈静")
    desktop.fill("input[name=post]", "主要负责人")
    desktop.click(".action-bar .btn-primary")
    desktop.wait_for_url(f"**/cases/{case}")
    assert [row.node for row in play.todo(STAFF) if row.case_id == case] == ["site_record_refusal"]


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_who_records_a_refusal_signs_it_into_the_record(play, axe, request, screen):
    made_ready = []
    aside(lambda: made_ready.append(refused_to_sign(play)))
    case, item = made_ready[0]
    page = request.getfixturevalue(screen)
    sign_in(page, STAFF)
    page.goto(f"/tasks/{item}")
    page.get_by_label("被检查单位拒绝签字").check()
    page.fill("textarea[name=refusal_reason]", "现场负责人看过记录后拒绝签字")
    page.fill("input[name=witness]", "王建军")
    page.fill("input[name=witness_unit]", "蔚汾镇安监站站长")
    photo = {"name": "现场.png", "mimeType": "image/png", "buffer": picture()}
    page.locator('input[type=file][name="refusal_photos"]').last.set_input_files([photo])
    page.fill("#sign-pin", PIN)
    good(page, axe, f"refusal-{screen}")
    page.click(".action-bar .btn-primary")
    page.wait_for_url(f"**/cases/{case}")
    paper = next(row for row in play.papers(STAFF, case) if row.kind == "inspection_record")
    page.goto(f"/documents/{paper.id}")
    assert "应签字的人未签字，由其记录" in page.text_content("main")
    good(page, axe, f"refusal-document-{screen}")
    code = play.run(STAFF, documents.get, paper.id).code
    page.goto(f"/v/{code}")
    page.goto("/language/en")
    page.goto(f"/v/{code}")
    assert "Records that the one who was to sign did not" in page.text_content("main")
    good(page, axe, f"refusal-verified-{screen}")


def refused_to_sign(play):
    """An inspection whose record the plant refuses to sign, up to the task of recording that."""
    case, item = recorded(play)
    answers = {"signature": "refused", "objection": "不认可检查结果"}
    told = {"person": "陈静", "post": "主要负责人"}
    play.run("xingxian.plant", commands.complete, item, answers | told)
    (item,) = [task.id for task in play.open_of(case)]
    return case, item
