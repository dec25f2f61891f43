"""What JavaScript adds to forms, in a real browser; and how the components look to axe."""

import gzip
import io
import json

import pytest
from flask import redirect, request
from PIL import Image
from playwright.sync_api import expect

from tests.browser.pages import EACH, good
from tests.forms_samples.site import make_site

VALID = {
    "name": "华东铸造",
    "deadline": "2026-12-20",
    "decision": "agree",
    "address": {"street": "滨海路 1 号"},
    "confirmed": True,
}


@pytest.fixture
def made():
    return make_site()


@pytest.fixture
def live_app(made):
    return made[0]


@pytest.fixture
def site(made):
    return made[1]


def fill(page):
    page.fill("[name=name]", "华东铸造")
    page.fill("[name=deadline]", "2026-12-20")
    page.select_option("[name=manner]", "plan")
    page.check("[name=decision][value=agree]")
    page.fill("[name='address.street']", "滨海路 1 号")
    page.check("[name=confirmed]")
    for index in (0, 1):
        page.check(f"[name='orders.{index}.result'][value=fixed]")
        page.fill(f"[name='officers.{index}.name']", f"王建{index}")
        page.fill(f"[name='officers.{index}.certificate']", f"1411{index}")


def submit(page):
    page.click(".action-bar button[value=submit]")


def photo(width, height, name="现场.jpg", exif=None):
    picture = Image.effect_noise((width // 8, height // 8), 90).resize((width, height))
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=97, exif=exif or b"")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


@EACH
@pytest.mark.parametrize("path", ["/styleguide", "/everything", "/error/404"])
def test_no_axe_violation_and_nothing_wider_than_the_screen(page, axe, path, language):
    page.goto(f"/language/{language}?next={path}")
    if path == "/styleguide":
        expect(page.locator("[data-diagram]")).to_have_attribute("data-ready", "1")
    good(page, axe, f"forms{path.replace('/', '-')}-{language}")


def test_more_sheet_and_account_menu_have_no_axe_violation(phone, axe):
    phone.goto("/everything")
    phone.click(".more summary")
    expect(phone.locator(".more-sheet")).to_be_visible()
    good(phone, axe, "more-sheet")
    phone.keyboard.press("Escape")
    expect(phone.locator(".more-sheet")).to_be_hidden()
    phone.click(".account summary")
    good(phone, axe, "account-menu")


def test_a_form_with_errors_has_no_axe_violation(page, axe):
    page.goto("/everything")
    page.click("[data-rows=hazards] [data-add]")
    submit(page)
    expect(page.locator("[data-problems]")).to_be_focused()
    good(page, axe, "form-refused")


def test_conditional_fields_come_and_go_in_chains(page):
    page.goto("/everything")
    tip, kind, tipper = (
        page.locator(f"[data-field={key}]") for key in ("tip", "tip_kind", "tipper")
    )
    expect(tip).to_be_hidden()
    page.select_option("[name=manner]", "tip")
    expect(tip).to_be_visible()
    expect(kind).to_be_visible()
    expect(tipper).to_be_hidden()
    page.check("[name=tip_kind][value=named]")
    expect(tipper).to_be_visible()
    page.fill("[name=tipper]", "张三")
    page.select_option("[name=manner]", "plan")
    expect(tipper).to_be_hidden()
    assert page.locator("[name=tipper]").is_disabled()
    expect(page.locator("[data-field=dust_workers]")).to_be_hidden()
    page.check("[name=themes][value=dust]")
    expect(page.locator("[data-field=dust_workers]")).to_be_visible()


def test_a_field_that_is_only_sometimes_required_gets_its_star(desktop):
    desktop.goto("/everything")
    star = desktop.locator("[data-field=reason] .req")
    expect(star).to_be_hidden()
    desktop.check("[name=decision][value=return]")
    expect(star).to_be_visible()


def test_rows_are_added_filled_summed_and_removed(page, site):
    page.goto("/everything")
    fill(page)
    rows = page.locator("[data-rows=hazards] [data-row]")
    for place in ("一车间", "二车间"):
        page.click("[data-rows=hazards] [data-add]")
        row = rows.last
        row.locator("[name$='.place']").fill(place)
        row.locator("[name$='.description']").fill("配电箱未接地")
        row.locator("[name$='.class'][value=major]").check()
        row.locator("[name$='.criterion']").fill("第三条第二项")
        row.locator("[name$='.deadline']").fill("2026-12-01")
    expect(page.locator("[data-rows=hazards] [data-count]")).to_have_text("2")
    expect(rows.first.locator("[data-sum]")).to_have_text("一车间 · 重大隐患 · 2026年12月1日")
    rows.first.locator("[data-remove]").click()
    page.click("dialog button[value=yes]")
    expect(rows).to_have_count(1)
    expect(rows.first.locator("[data-number]")).to_have_text("1")
    submit(page)
    page.wait_for_url("**/done")
    (answers,) = site.accepted
    assert [row["place"] for row in answers["hazards"]] == ["二车间"]
    assert answers["orders"][0] == {"text": "配电箱门未关闭", "result": "fixed"}


def test_the_error_summary_takes_the_focus_and_leads_to_the_fields(page, site):
    page.goto("/everything")
    page.click("[data-rows=hazards] [data-add]")
    page.fill("[name='hazards.0.place']", "一车间")
    submit(page)
    box = page.locator("[data-problems]")
    expect(box).to_be_focused()
    page.click("[data-problems] a:has-text('请填写整改期限')")
    expect(page.locator("[name=deadline]")).to_be_focused()
    assert page.locator("[name=deadline]").get_attribute("aria-invalid") == "true"
    page.locator("[data-rows=hazards] summary").first.click()
    page.click("[data-problems] a:has-text('隐患清单第 1 项：请选择隐患等级')")
    expect(page.locator("[name='hazards.0.class']").first).to_be_focused()
    assert len(set(site.keys)) == len(site.keys)


def test_what_is_answered_anew_is_no_longer_marked_as_wrong(page, axe):
    page.goto("/everything")
    page.click("[data-rows=hazards] [data-add]")
    page.fill("[name='hazards.0.place']", "一车间")
    submit(page)
    expect(page.locator("[data-problems]")).to_be_focused()
    wrong = page.locator(".field.is-bad")
    marked = wrong.count()
    page.fill("[name=deadline]", "2026-12-20")
    expect(wrong).to_have_count(marked - 1)
    assert page.locator("[name=deadline]").get_attribute("aria-invalid") is None
    row = page.locator("[data-rows=hazards] [data-row]")
    expect(row.locator("[data-wrong]")).to_be_visible()
    for key in [one.get_attribute("data-field") for one in row.locator(".field.is-bad").all()]:
        control = row.locator(f"[name='hazards.0.{key}']").first
        if control.get_attribute("type") == "radio":
            control.check()
        else:
            control.fill("煤气报警装置失灵")
    expect(row.locator(".is-bad, .field-error, [data-wrong]")).to_have_count(0)
    good(page, axe, "answered-anew")


def test_a_draft_comes_back_with_rows_and_photos(page, site):
    page.goto("/everything")
    page.fill("[name=name]", "华东铸造")
    page.select_option("[name=manner]", "tip")
    page.fill("[name=tip]", "JB20261120")
    page.click("[data-rows=hazards] [data-add]")
    page.fill("[name='hazards.0.place']", "配电间")
    page.set_input_files("[name='hazards.0.photos']", photo(64, 48))
    expect(page.locator(".thumb.new img")).to_be_visible()
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已存本机")
    page.reload()
    expect(page.locator("[data-draft-offer]")).to_be_visible()
    page.click("[data-draft-use]")
    expect(page.locator("[name='hazards.0.place']")).to_have_value("配电间")
    expect(page.locator("[name=name]")).to_have_value("华东铸造")
    expect(page.locator("[name=tip]")).to_be_visible()
    expect(page.locator("[name=tip]")).to_have_value("JB20261120")
    expect(page.locator(".thumb:not(.new) img")).to_be_visible()
    expect(page.locator("[data-draft-offer]")).to_be_hidden()
    assert len(site.files) == 1


def test_a_submitted_form_leaves_no_draft(desktop, site):
    desktop.goto("/everything")
    fill(desktop)
    expect(desktop.locator("[data-draft-state]")).to_contain_text("草稿已存本机")
    submit(desktop)
    desktop.wait_for_url("**/done")
    desktop.goto("/everything")
    expect(desktop.locator("form[data-sheet]")).to_be_visible()
    expect(desktop.locator("[data-draft-offer]")).to_be_hidden()
    assert {"name": "华东铸造", "manner": "plan"}.items() <= site.accepted[0].items()


def test_a_draft_stays_when_a_sign_in_is_asked_for_first(desktop, live_app, site):
    """The session ended while the form was filled in on site."""

    @live_app.before_request
    def ended():
        return redirect("/sign-in", 303) if request.method == "POST" else None

    desktop.goto("/everything")
    fill(desktop)
    submit(desktop)
    desktop.wait_for_url("**/sign-in")
    desktop.goto("/everything")
    desktop.click("[data-draft-use]", trial=True)
    expect(desktop.locator("[data-draft-offer]")).to_be_visible()
    assert site.accepted == []


def test_signing_out_wipes_the_drafts_after_asking(desktop):
    desktop.goto("/everything")
    desktop.fill("[name=name]", "华东铸造")
    expect(desktop.locator("[data-draft-state]")).to_contain_text("草稿已存本机")
    desktop.click(".account summary")
    desktop.click("[data-sign-out] button")
    expect(desktop.locator("dialog")).to_contain_text("1 份未提交的草稿")
    desktop.click("dialog button[value=yes]")
    desktop.wait_for_url("**/done")
    desktop.goto("/everything")
    expect(desktop.locator("[data-draft-offer]")).to_be_hidden()


def test_photos_are_made_smaller_before_they_travel(phone, site):
    phone.goto("/everything")
    big = photo(4000, 3000)
    phone.set_input_files("[data-field=photos] input[type=file]", big)
    expect(phone.locator(".thumb.new img")).to_be_visible()
    phone.set_input_files("[data-field=photos] input[type=file]", photo(80, 60, "小.jpg"))
    expect(phone.locator(".thumb.new")).to_have_count(2)
    submit(phone)
    expect(phone.locator("[data-problems]")).to_be_focused()
    sizes = sorted(len(content) for content in site.files.values())
    assert len(sizes) == 2
    assert sizes[-1] < len(big["buffer"]) / 3
    largest = max(site.files.values(), key=len)
    assert max(Image.open(io.BytesIO(largest)).size) == 1920
    # They are kept though the form was wrong, and one can be taken back.
    expect(phone.locator(".thumb:not(.new)")).to_have_count(2)
    phone.locator("[name='photos._drop']").first.check()
    fill(phone)
    submit(phone)
    phone.wait_for_url("**/done")
    assert len(site.accepted[0]["photos"]) == 1


def test_a_smaller_photo_keeps_when_and_where_it_was_taken(phone, site):
    orientation, taken, where = 0x0112, 0x9003, 0x8825
    exif = Image.Exif()
    exif[orientation] = 6  # held upright: to be turned by 90 degrees
    exif.get_ifd(0x8769)[taken] = "2026:11:20 09:30:00"
    exif.get_ifd(where)[2] = (38.0, 27.0, 44.5)
    phone.goto("/everything")
    phone.set_input_files("[data-field=photos] input[type=file]", photo(4000, 3000, exif=exif))
    expect(phone.locator(".thumb.new img")).to_be_visible()
    submit(phone)
    expect(phone.locator("[data-problems]")).to_be_focused()
    (content,) = site.files.values()
    kept = Image.open(io.BytesIO(content))
    assert kept.size == (1440, 1920)
    assert kept.getexif()[orientation] == 1
    assert kept.getexif().get_ifd(0x8769)[taken] == "2026:11:20 09:30:00"
    assert kept.getexif().get_ifd(where)[2] == (38.0, 27.0, 44.5)


def test_without_network_the_page_stays_and_says_so(phone, site):
    phone.goto("/everything")
    fill(phone)
    phone.context.set_offline(True)
    submit(phone)
    expect(phone.locator("#offline")).to_be_visible()
    expect(phone.locator("[data-draft-state]")).to_contain_text("草稿已存本机")
    assert site.posts == []
    phone.context.set_offline(False)
    submit(phone)
    phone.wait_for_url("**/done")
    assert site.posts == ["submit"]


def test_a_form_is_sent_once_however_often_the_button_is_pressed(desktop, site):
    desktop.goto("/everything")
    fill(desktop)
    desktop.evaluate(
        "const b = document.querySelector('.action-bar button[value=submit]'); b.click(); b.click(); b.click()"
    )
    desktop.wait_for_url("**/done")
    assert site.posts == ["submit"]


def test_enter_in_a_field_submits_instead_of_removing_a_row(desktop, site):
    desktop.goto("/everything")
    desktop.locator("[name=name]").press("Enter")
    expect(desktop.locator("[data-problems]")).to_be_focused()
    assert site.posts == ["submit"]


def test_two_hundred_rows_are_lines_and_one_is_edited_at_a_time(page, site):
    site.start = {"hazards": [{"place": f"{n} 号位置", "class": "general"} for n in range(200)]}
    page.goto("/everything")
    lines = page.locator(".folded")
    expect(lines).to_have_count(200)
    page.click("button[value='edit:hazards.120']")
    expect(page.locator("[name='hazards.120.place']")).to_have_value("120 号位置")
    expect(page.locator("[name='hazards.120.place']")).to_be_focused()
    expect(lines).to_have_count(199)
    page.fill("[name='hazards.120.place']", "改过的位置")
    page.click("button[value=fold]")
    expect(lines).to_have_count(200)
    expect(page.locator("#f-hazards-120")).to_contain_text("改过的位置")
    expect(page.locator("#f-hazards-120")).to_be_focused()
    page.click("[data-rows=hazards] button[value='remove:hazards.0']")
    page.click("dialog button[value=yes]")
    expect(lines).to_have_count(199)
    expect(page.locator("[data-rows=hazards]")).to_be_focused()
    submit(page)
    expect(page.locator("[data-problems]")).to_be_focused()
    assert "隐患清单第 120 项有 2 处需要修改" in page.locator("[data-problems]").inner_text()


def test_without_javascript_everything_can_be_answered(open_page):
    page = open_page(java_script_enabled=False)
    page.goto("/everything")
    expect(page.locator("[name=tip]")).to_be_visible()
    expect(page.locator("[data-field=tip] .only")).to_have_text("“检查方式”为“举报”时填写")
    fill(page)
    page.click("[data-rows=hazards] [data-add]")
    page.fill("[name='hazards.0.place']", "一车间")
    page.fill("[name='hazards.0.description']", "配电箱未接地")
    page.check("[name='hazards.0.class'][value=general]")
    page.fill("[name='hazards.0.deadline']", "2026-12-01")
    page.set_input_files("[name='hazards.0.photos']", photo(64, 48))
    page.click("[data-rows=hazards] [data-add]")
    expect(page.locator("[data-rows=hazards] [data-row]")).to_have_count(2)
    page.click("button[value='remove:hazards.1']")
    submit(page)
    page.wait_for_url("**/done")
    answers = json.loads(page.locator("#answers").inner_text())[0]
    assert answers["hazards"][0]["place"] == "一车间"
    assert len(answers["hazards"][0]["photos"]) == 1


def test_leaving_with_something_unsaved_asks_first(desktop):
    desktop.goto("/everything")
    asked = []
    desktop.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    desktop.evaluate("document.querySelector('form[data-sheet]').removeAttribute('data-draft')")
    desktop.locator("[name=name]").press_sequentially("华")
    desktop.goto("/done")
    assert asked == ["beforeunload"]


def test_a_dangerous_button_asks_in_a_dialog(desktop):
    desktop.goto("/styleguide")
    desktop.click("button:has-text('终止'):not([type=button])")
    expect(desktop.locator("dialog")).to_contain_text("终止后不能恢复")
    desktop.keyboard.press("Escape")
    expect(desktop.locator("dialog")).to_have_count(0)


def test_the_diagram_opens_at_the_current_step_and_fingers_move_it(phone):
    phone.goto("/styleguide")
    box = phone.locator("[data-diagram]")
    expect(box).to_have_attribute("data-ready", "1")
    box.scroll_into_view_if_needed()
    step = phone.locator("[data-element-id=plan].djs-shape")
    frame, place = box.bounding_box(), step.bounding_box()
    assert abs(place["x"] + place["width"] / 2 - frame["x"] - frame["width"] / 2) < 30
    client = phone.context.new_cdp_session(phone)
    x, y = frame["x"] + 60, frame["y"] + 60

    def touch(kind, *points):
        client.send(
            "Input.dispatchTouchEvent",
            {
                "type": kind,
                "touchPoints": [{"x": a, "y": b, "id": n} for n, (a, b) in enumerate(points)],
            },
        )

    touch("touchStart", (x, y))
    touch("touchMove", (x + 40, y))
    touch("touchMove", (x + 80, y))
    touch("touchEnd")
    moved = step.bounding_box()
    assert moved["x"] > place["x"] + 30
    touch("touchStart", (x, y), (x + 50, y + 50))
    touch("touchMove", (x, y), (x + 60, y + 60))
    touch("touchMove", (x, y), (x + 150, y + 150))
    touch("touchEnd")
    assert step.bounding_box()["width"] > moved["width"] * 1.3


def test_the_first_page_is_light(live_app):
    client = live_app.test_client()
    packed = len(gzip.compress(client.get("/everything").data, 6))
    for name in ("app.css", "app.js", "icon.svg", "app.webmanifest"):
        with client.get(live_app.jinja_env.globals["asset"](name)) as answer:
            packed += len(gzip.compress(answer.data, 6))
    assert packed < 100_000
