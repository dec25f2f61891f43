"""The pages of people and places in a browser: accessible, on both screens, in both languages."""

import pytest
from sqlalchemy import select

from app.models.people import Account, Organisation
from app.services import accounts, organisations, profile
from app.services.demo.people import PASSWORD, PIN
from tests.browser.pages import EACH, fits, good, sign_in
from tests.people import actor_of

LONG = "吕梁市离石区经济技术开发区安全生产与应急管理综合协调服务保障中心（筹备组）第二办公室"
PAGES = {
    "xingxian.head": ["/", "/me/", "/me/password", "/nothing", "/accounts/"],
    "lvliang.admin": [
        "/organisations/",
        "/organisations/?place=141123",
        "/organisations/?place=141123K01",
        "/organisations/?q=局",
        "/organisations/?q=没有这样的",
        "/organisations/1",
        "/accounts/",
        "/accounts/?q=没有这样的",
        "/accounts/1",
    ],
}


@pytest.fixture
def eventful(deps, clock):
    """Long names, a deputy, a closed account and a history."""
    head = actor_of(deps, "xingxian.head")
    with deps.transaction(head) as work:
        until = clock.now.replace(month=12)
        profile.name_deputy(work, "xingxian.deputy", clock.now, until, "参加省厅培训" * 8)
    with deps.transaction(actor_of(deps, "lvliang.admin")) as work:
        form = organisations.OrganisationForm(LONG, "吕应急保障")
        organisations.create(work, "141123", "energy", form)
        account = work.session.scalars(select(Account.id).filter_by(username="xingxian.staff1"))
        staff = account.one()
        accounts.set_active(work, staff, active=False, reason="借调到省厅工作" * 5)
        accounts.set_active(work, staff, active=True, reason="返岗")
        work.session.flush()
        known = accounts.AccountForm("", "阿卜杜拉·买买提·阿不都热合曼", "0358-6322001")
        accounts.update(work, staff, accounts.get(work, staff).revision, known)


@pytest.mark.usefixtures("eventful")
@EACH
@pytest.mark.parametrize("username", list(PAGES))
def test_pages_are_accessible(page, axe, language, username):
    sign_in(page, username)
    page.goto(f"/language/{language}")
    for path in PAGES[username]:
        page.goto(path)
        good(page, axe, f"people{path.replace('/', '-')}-{language}")


CUT = """() => [...document.querySelectorAll('.table-cards td *, .table-cards tbody th *')]
  .filter(part => part.getBoundingClientRect().right > innerWidth).map(part => part.innerText)"""


def test_a_name_without_a_space_in_it_stays_in_its_card(phone, deps):
    """The page itself is as wide as the screen even so: what runs out of a card is cut off."""
    with deps.transaction(actor_of(deps, "xingxian.admin")) as work:
        form = organisations.OrganisationForm("Z" * 120, "")
        office = organisations.create(work, "141123", "energy", form)
        person = accounts.AccountForm("w" * 32, "W" * 64)
        accounts.create(work, office, person, "a long enough one")
    sign_in(phone, "xingxian.admin")
    for path in ("/accounts/?q=WWW", "/organisations/?q=ZZZ", f"/organisations/{office}"):
        phone.goto(path)
        assert phone.locator(".table-cards tbody tr").count() == 1
        assert phone.evaluate(CUT) == []


@EACH
def test_the_sign_in_page_is_accessible(page, axe, language):
    page.goto(f"/language/{language}?next=/sign-in")
    good(page, axe, f"sign-in-{language}")
    page.fill("#f-username", "xingxian.staff1")
    page.fill("#f-password", "wrong password")
    page.click("main .btn-primary")
    assert page.locator("#f-password").get_attribute("aria-invalid") == "true"
    good(page, axe, f"sign-in-refused-{language}")


def test_a_demo_account_is_filled_in_and_signed_in(page):
    page.goto("/sign-in")
    page.click("text=吕梁市")
    page.click("[data-fill-username='lvliang.deputy']")
    assert page.input_value("#f-username") == "lvliang.deputy"
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    assert "秦永刚" in page.text_content("header")


def test_the_account_menu_leads_to_the_account(desktop):
    sign_in(desktop, "xingxian.head")
    desktop.click("details.account > summary")
    desktop.click("details.account a")
    desktop.wait_for_url("**/me/")
    assert "签名口令" in desktop.text_content("main")


def test_an_administrator_adds_a_person_who_signs_in(desktop, open_page):
    sign_in(desktop, "lvliang.admin")
    desktop.goto("/organisations/?place=141123")
    desktop.click("text=兴县供电公司")
    desktop.fill("#account #f-username", "wang.fang")
    desktop.fill("#a-name", "王芳")
    desktop.fill("#account #f-password", "a first password")
    desktop.click("#account .btn-primary")
    desktop.wait_for_url("**/accounts/*")
    desktop.select_option("#f-role", "partner")
    desktop.click("#role .btn-primary")
    desktop.wait_for_selector("#flashes >> text=已保存")
    assert "增加了岗位" in desktop.text_content("#history")

    other = open_page(viewport={"width": 1366, "height": 768})
    other.goto("/sign-in")
    other.fill("#f-username", "wang.fang")
    other.fill("#f-password", "a first password")
    other.click("main .btn-primary")
    other.wait_for_url("**/me/password")
    other.fill("#f-old", "a first password")
    other.fill("#f-new", "my own long one")
    other.fill("#f-again", "my own long one")
    other.click("main .btn-primary")
    other.wait_for_url("**/me/")
    other.goto("/")
    assert "兴县供电公司" in other.text_content("main")


def test_a_refused_form_shows_what_is_wrong_where(page):
    sign_in(page, "xingxian.head")
    page.goto("/me/")
    page.fill("#pin-password", PASSWORD)
    page.fill("#pin #f-old", PIN)
    page.fill("#f-pin", "123456")
    page.fill("#pin #f-again", "123456")
    page.click("#pin .btn-primary")
    page.wait_for_selector("#pin .field-error")
    assert page.locator("#f-pin").get_attribute("aria-describedby") == "f-pin-note"
    # the language link on the refused page leads back to the page, not to an error
    page.click(".top-end > a")
    page.wait_for_url("**/me/")
    assert "Signing PIN" in page.text_content("main")


def test_taking_a_role_away_asks_first(desktop, deps):
    sign_in(desktop, "xingxian.admin")
    with deps.system_reading("test") as work:
        staff = work.session.scalars(select(Account.id).filter_by(username="xingxian.staff2")).one()
    desktop.goto(f"/accounts/{staff}")
    desktop.click("main .acts button")
    desktop.click("dialog .btn-danger")
    desktop.wait_for_selector("text=还没有岗位")


def test_two_hundred_organisations_are_still_one_calm_page(page, deps, axe):
    with deps.system("test") as work:
        for number in range(200):
            name = f"第{number + 1}乡镇人民政府应急管理办公室"
            work.session.add(Organisation(kind="township", place="141123", name=name, short=""))
    sign_in(page, "xingxian.admin")
    page.goto("/organisations/")
    assert page.locator("main tbody tr").count() == 207
    assert fits(page)
    page.goto("/organisations/?q=第200")
    assert page.locator("main tbody tr").count() == 1
    good(page, axe, "organisations-found")
