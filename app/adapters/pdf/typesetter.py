"""Typeset a paper: fill its template in, lay it out, write PDF/A-3. Runs in a process of its own.

Nothing is fetched: a template may use `data:` addresses and the assets it was given, as
`asset:<name>`. A character that no font has is an error, never an empty box on a paper.
"""

import gc
import io
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

import weasyprint
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape
from weasyprint.text.ffi import harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from app.adapters import MissingGlyphs, Order, Typeset
from app.adapters.pdf import justify, longtable, subsetting
from app.adapters.pdf.longtable import LongTable

STYLE = "base.css"
"""The style sheet of all papers, among the sources."""
SHARED = re.compile(r'@import "([a-z_]+\.css)";')
"""How a style sheet of a kind takes in another one of the sources."""
STREAM, END = b"\nstream\n", b"\nendstream"
POINT = 0.75
"""PDF points in a CSS pixel."""
NOTDEF = re.compile(r"\.notdef glyph .*\(U\+([0-9A-F]{4,6})\)$", re.DOTALL)
IMPRINT, COPIES = "imprint", "copies"
LETTER = (37 / 25.4 * 96, 35 / 25.4 * 96)
"""Margins above and below the text of an official letter (GB/T 9704), in CSS pixels."""
SLACK = 2.0
"""Pixels by which an imprint may stand above the foot: rounding must not push it over."""
FATAL = FatalURLFetchingError
HEADINGS = (
    (1, re.compile("[一二三四五六七八九十]+、")),
    (2, re.compile("（[一二三四五六七八九十]+）")),
)
DAY = re.compile("([0-9]{1,4}[年月日])")
EMPTY = 0.2
"""The part of a page that may be empty before a block that is kept together."""
LEADINGS = (19.5, 18.0, 22.5, 24.0)
"""Points from line to line that are tried where more is empty; a paper is set with 21."""
LEADING = "html {{ line-height: {}pt; }}"
MOST_TITLE = 20
"""Characters of size 2 (二号) on a line of 156 mm."""
MOST_HEADING = 40
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""When an attachment says it was made: a fixed day, as the same data must give the same bytes."""


def prepare() -> FontConfiguration:
    """Make this process ready to typeset; the fonts are read once."""
    if harfbuzz_subset is None:
        raise RuntimeError("libharfbuzz-subset is missing: a page would take two seconds")
    justify.install()
    subsetting.install()
    return FontConfiguration()


def typeset(order: Order, fonts: FontConfiguration) -> Typeset:
    """Typeset a paper.

    :raises MissingGlyphs: if a character is in no font
    """
    source = _environment(tuple(sorted(order.sources.items()))).get_template(order.template)

    own = order.template.removesuffix(".html") + ".css"
    style = order.sources.get(own, order.sources.get(STYLE, ""))
    style = SHARED.sub(lambda found: order.sources[found[1]], style)

    def rendered(html: str, leading: str = "") -> Any:
        page = weasyprint.HTML(string=html, base_url="asset:", url_fetcher=_Assets(order.assets))
        return page.render(font_config=fonts, stylesheets=_sheets(style + leading, fonts))

    def written(gap: Gap | None) -> str:
        return source.render({**order.data, "gap": gap})

    def laid_out(html: str) -> tuple[Any, LongTable | None]:
        long = longtable.lay_out(html, rendered)
        return (long.document if long else rendered(html)), long

    lacking: set[str] = set()
    gc.disable()  # the many boxes of a page hold no cycles worth looking for
    try:
        with _listening(lacking):
            html = written(None)
            document, long = laid_out(html)
            if (gap := _gap(document)) is not None:
                document, long = laid_out(written(gap))
            elif long is None and own not in order.sources:
                document = _filled_up(document, partial(rendered, html))
            document.metadata.attachments = [_attached(*item) for item in order.attached.items()]
            pdf = document.write_pdf(pdf_variant="pdf/a-3u", finisher=_pack)
            pdf = long.drawn(pdf) if long else pdf
    finally:
        gc.enable()
        gc.collect(1)
    if lacking:
        raise MissingGlyphs("".join(sorted(lacking)))
    return Typeset(pdf, len(document.pages), dict(_boxes(document)))


@lru_cache(maxsize=8)
def _sheets(css: str, fonts: FontConfiguration) -> list[weasyprint.CSS]:
    """Return a style sheet that is read once: it is the same for paper after paper."""
    fetcher = _Assets({})
    return [weasyprint.CSS(string=css, base_url="asset:", url_fetcher=fetcher, font_config=fonts)]


def _pack(_document: Any, pdf: Any) -> None:
    """Compress each stream once: else it is done to write it, and again to sum the paper up."""
    for part in pdf.objects:
        if getattr(part, "compress", False):
            part.stream = [part.data.partition(STREAM)[2].removesuffix(END)]
            part.extra["Filter"] = "/FlateDecode"
            part.compress = False


@lru_cache(maxsize=32)
def _environment(sources: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(dict(sources)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        choice=lambda key, names: names[key],
        day=_day,
        deadlines=_deadlines,
        filled=_filled,
        headline=_headline,
        paragraphs=_paragraphs,
        replaced=_replaced,
        sentence=_sentence,
    )
    return environment


def _day(value: str) -> str:
    """Write a date as papers do: 2026年12月5日."""
    day = datetime.fromisoformat(value)
    return f"{day.year}年{day.month}月{day.day}日"


def _filled(wording: str, **values: Any) -> Markup:
    """Return a wording whose places are filled in and underlined, as on a form.

    A line may end between two places; WeasyPrint would break the first alone, and set the second
    over the margin.
    """
    filled = Markup(escape(wording)).format(  # noqa: S704  (the wording is escaped first)
        **{name: Markup("<u>{}</u>").format(_unbroken(value)) for name, value in values.items()}
    )
    return filled.replace(Markup("</u><u>"), Markup("</u><wbr><u>"))


def _unbroken(value: Any) -> Markup:
    """Return a value whose dates break before a number alone: no line begins with 日."""
    return Markup(DAY.sub(r'<span class="day">\1</span>', str(escape(value))))  # noqa: S704  (escaped before)


def _replaced(wording: str, **values: Any) -> str:
    """Return a wording whose places are filled in."""
    return wording.format(**values)


def _paragraphs(text: str) -> list[tuple[int, str]]:
    """Return the paragraphs of an official letter, each with its level: 一、 is 1, （一） is 2."""
    found = []
    for line in text.splitlines():
        if plain := line.strip():
            heading = len(plain) <= MOST_HEADING and not plain.endswith(("。", "；", "："))
            level = next((level for level, mark in HEADINGS if mark.match(plain)), 0)
            found.append((level if heading else 0, plain))
    return found


def _headline(title: str, name: str) -> list[str]:
    """Return a title in lines that break where sense does: before or after the name it is about.

    Else they are of like length, so that none is left with a character or two (GB/T 9704, 7.3.1).
    """
    if len(title) <= MOST_TITLE:
        return [title]
    for known in (name, name.partition("（")[0]):  # a title leaves out what is in brackets
        before, found, after = title.partition(known)
        if known and found:
            parts = [(before, found + after), (before + found, after)]
            fitting = [
                part
                for part in parts
                if all(part) and max(map(len, part)) <= MOST_TITLE and part[1][0] != "的"
            ]
            if fitting:
                return list(min(fitting, key=lambda part: max(map(len, part))))
    lines = -(-len(title) // MOST_TITLE)
    length = -(-len(title) // lines)
    return [title[start : start + length] for start in range(0, len(title), length)]


def _sentence(text: str) -> str:
    """Return a text that ends as a sentence does."""
    text = text.strip()
    return text if text.endswith(("。", "！", "？", "；")) else text.rstrip("，,;.、 ") + "。"


def _deadlines(data: Mapping[str, Any]) -> list[tuple[str, list[int]]]:
    """Return each deadline with the numbers of what is due then, the earliest first."""
    found: dict[str, list[int]] = {}
    for number, hazard in enumerate(data["hazards"], 1):
        found.setdefault(hazard.get("deadline") or data["deadline"], []).append(number)
    return sorted(found.items())


@contextmanager
def _listening(lacking: set[str]) -> Iterator[None]:
    """Collect the characters of which WeasyPrint says that no font has them."""
    handler = _Warnings(lacking)
    logger = logging.getLogger("weasyprint")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Warnings(logging.Handler):
    def __init__(self, lacking: set[str]) -> None:
        super().__init__(logging.WARNING)
        self._lacking = lacking

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        found = NOTDEF.search(message)
        if found:
            self._lacking.add(chr(int(found[1], 16)))
        elif "notdef" in message:
            self._lacking.add("\ufffd")


class _Assets(URLFetcher):  # type: ignore[misc]
    """Serves what the paper brought along, and nothing else."""

    def __init__(self, assets: Mapping[str, tuple[str, bytes]]) -> None:
        super().__init__(allowed_protocols={"data"})
        self._assets = assets

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        scheme, _, name = url.partition(":")
        if scheme == "data":
            return super().fetch(url, headers)
        if scheme != "asset" or name not in self._assets:
            raise FatalURLFetchingError(f"A paper may not fetch {url!r}")
        media_type, content = self._assets[name]
        return URLFetcherResponse(url, content, {"Content-Type": media_type})


def _attached(name: str, content: bytes) -> weasyprint.Attachment:
    return weasyprint.Attachment(
        file_obj=io.BytesIO(content),
        name=name,
        relationship="Data",
        created=EPOCH,
        modified=EPOCH,
    )


@dataclass(frozen=True, slots=True)
class Gap:
    """What lies above the imprint (版记) of an official letter, so that it ends its last sheet."""

    height: float
    over: bool
    """Whether it begins on another page."""


def _gap(document: Any) -> Gap | None:
    """Return the gap above an imprint: it stands at the foot of the last page, an even one.

    In the letter format (信函格式) it only names who gets a copy, and any page may be the last.
    """
    for number, page in enumerate(document.pages, 1):
        if COPIES in page.anchors:
            return Gap(page.height - LETTER[1] - page.anchors[COPIES][3] - SLACK, over=False)
        if IMPRINT in page.anchors:
            _left, top, _right, bottom = page.anchors[IMPRINT]
            above, below = LETTER
            if number % 2 == 0:
                return Gap(page.height - below - bottom - SLACK, over=False)
            return Gap(page.height - above - below - (bottom - top) - SLACK, over=True)
    return None


def _filled_up(document: Any, laid_out: Callable[[str], Any]) -> Any:
    """Return a paper laid out with another leading if much of a page is empty before its end.

    It is the first that does not, and takes no more pages; else the one that leaves least.
    """
    pages, found = len(document.pages), [document]
    for points in LEADINGS:
        if _emptiness(found[-1]) <= EMPTY and len(found[-1].pages) <= pages:
            return found[-1]
        found.append(laid_out(LEADING.format(points)))
    return min(found, key=_wasted)


def _wasted(document: Any) -> tuple[int, float]:
    """Return how many pages a paper takes, and how much of one it leaves empty before its end."""
    return len(document.pages), _emptiness(document)


def _emptiness(document: Any) -> float:
    """Return the largest part of a page that is empty below its text, but for the last page.

    That is where a block that is kept together (signatures, organ and seal) went to the next one.
    """
    return max((_empty(page) for page in document.pages[:-1]), default=0.0)


def _empty(page: Any) -> float:
    """Return which part of a page is empty below its text."""
    box = page._page_box  # noqa: SLF001  (a page tells of its anchors alone)
    body = box.children[0]
    lines = [part for part in body.descendants() if type(part).__name__ == "LineBox"]
    low = max((line.position_y + line.height for line in lines), default=box.content_box_y())
    return float((box.content_box_y() + box.height - low) / box.height)


def _boxes(document: Any) -> Iterator[tuple[str, tuple[int, float, float, float, float]]]:
    """Yield where the elements with an id are: page from 0, then left, bottom, right, top."""
    for number, page in enumerate(document.pages):
        for name, (left, top, right, bottom) in page.anchors.items():
            rect = (left, page.height - bottom, right, page.height - top)
            yield name, (number, *(round(side * POINT, 2) for side in rect))
