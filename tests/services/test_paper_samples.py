"""Every kind of paper, made of little and of much: what it says, what it refuses, how it looks."""

import itertools
import json
import re
from copy import deepcopy
from datetime import date
from functools import cache

import pypdfium2
import pytest
from jsonschema import Draft202012Validator
from lxml import html

from app.adapters.papers import TEMPLATES
from app.adapters.templates import Templates
from app.domain.documents import ANSWERS, at_answer, gather, in_words
from app.domain.forms import messages
from app.domain.forms.formats import FORMATS
from config import ROOT
from tests import documents_made as made
from tests import fakes, specimens
from tests.paper_samples import FACTS, GOVERNMENT, LONG, LONG_NAME, MUCH, SHORT, content
from tests.samples import RARE
from tests.samples.tables import inspected

KINDS = Templates(TEMPLATES).kinds
FORMS = ROOT / "forms"
DRAFTED = {
    "closure_notice": "closure_government/draft_notice",
    "closure_hearing": "government_hearing/draft_call",
    "closure_decision": "closure_government/draft_decision",
    "seizure_extension": "prolonging/draft",
}
"""Forms of kinds that are drafted in a step of a procedure, from fields of their names."""
APART = [path.name.removesuffix("-schema.json") for path in FORMS.glob("issue_paper/*-schema.json")]
FORM_OF = {kind: f"issue_paper/{kind}" for kind in APART if kind in KINDS} | DRAFTED
MADE_APART = sorted(FORM_OF)
SAMPLES = {"short": SHORT, "long": LONG}
SHORT_PAGES = {
    "acceptance_opinion": 2,
    "circular": 4,
    "closure_decision": 4,
    "closure_hearing": 2,
    "closure_notice": 2,
    "closure_request": 2,
    "court_application": 2,
    "draw_record": 2,
    "interview": 2,
    "investigation_report": 2,
    "notice": 2,
    "resumption_reply": 2,
    "seizure": 2,
    "stop_decision": 2,
    "summary": 2,
    "survey_report": 2,
}
"""An official letter ends on an even page."""
FEWEST = 20
"""Characters of the emptiest page: a letter's imprint may have the last one to itself (GB/T 9704)."""
WIDTHS = (595, 842)
POINT = 72 / 25.4
LEAST, MOST = ("minLength", "minimum", "minItems"), ("maxLength", "maximum", "maxItems")
real = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")
every = pytest.mark.parametrize("kind", sorted(KINDS))
both = pytest.mark.parametrize("how", SAMPLES)


@cache
def data_of(kind, how):
    return content(KINDS[kind], SAMPLES[how][kind], LONG_NAME if how == "long" else "")


@cache
def typeset(kind, how):
    """Typeset a sample once for all tests of this file."""
    return made.typeset(fakes.papers(made.press()), kind, data_of(kind, how))


@cache
def said(kind, how):
    document = pypdfium2.PdfDocument(typeset(kind, how).pdf)
    pages = [page.get_textpage().get_text_range() for page in document]
    return "".join("".join(pages).split())


def values(schema, data):
    """Yield each answer that is written as it was given, with what it is called."""
    for name, field in schema["properties"].items():
        value = data.get(name)
        fact = field["x-from"].startswith("@") and ANSWERS not in field["x-from"]
        if value is None or fact or "enum" in field:
            continue
        if field.get("format") == "date":
            yield name, in_words(date.fromisoformat(value))
        elif field.get("type") == "string":
            yield from ((name, line) for line in value.splitlines() if line.strip())
        elif field.get("type") == "array" and "properties" in field["items"]:
            for row in value:
                signs = name == "officers"  # who signs is named by the signature
                shown = {"certificate": row["certificate"]} if signs else row
                yield from values(field["items"], shown)


@real
@both
@pytest.mark.parametrize("kind", MADE_APART)
def test_what_was_answered_is_on_the_paper(kind, how):
    text = said(kind, how)
    for name, value in values(KINDS[kind].schema, data_of(kind, how)):
        start = "".join(value.split())[:6]
        assert start in text, (name, value[:40])
    assert "{" not in text


@real
def test_rare_characters_are_on_papers_of_every_group():
    for kind in ("interview", "penalty_decision", "closure_decision", "annex_1"):
        assert [one for one in RARE if one in said(kind, "long")], kind


@real
@every
@both
def test_every_kind_is_set_short_and_long(kind, how):
    """Nothing runs over the margins, no page is empty, everybody has a place to sign."""
    done, known = typeset(kind, how), KINDS[kind]
    document = pypdfium2.PdfDocument(done.pdf)
    for page in document:
        width, height = page.get_size()
        assert round(width) in WIDTHS
        text = page.get_textpage()
        assert text.count_chars() > FEWEST
        for index in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(index)
            assert 50 < left < right < width - 50, text.get_text_bounded(left, bottom, right, top)
            assert 20 < bottom < top < height - 20
    assert {*known.places, *(("seal",) if known.sealed else ())} <= set(done.boxes)
    assert how == "long" or len(document) == SHORT_PAGES.get(kind, 1)


UNBROKEN = "ABCDEFGH0123456789"
"""As a name in another script, the number of a model, an address on the web."""
TELLS = {"code", "site", "number", "date", "organ", "certificate", "order_number", "order_title"}
"""What nobody types here: it is known of the offices, the officers and earlier papers."""
RUN_TOGETHER, SHORTER = 60, {"phone": 20, "contact": 20}
"""Characters. A form takes no more of who is to be asked, and where."""


def run_together(schema, value, name=""):
    """Return a paper's data with no place to break in any text that somebody types."""
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        return {key: run_together(inner.get(key, {}), one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [run_together(schema.get("items", {}), one, name) for one in value]
    free = isinstance(value, str) and not {"enum", "const", "format", "pattern"} & schema.keys()
    if not free or name in TELLS or value in ("yes", "no") or "_" in value or value.islower():
        return value
    most = SHORTER.get(name, schema.get("maxLength", RUN_TOGETHER))
    return (UNBROKEN * 4)[: min(most, RUN_TOGETHER)]


def beyond(pdf):
    """Return what of a paper stands outside its margins, and what is written over something else."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        width, _height = page.get_size()
        text, boxes = page.get_textpage(), []
        for index in range(text.count_rects()):
            left, bottom, right, top = rect = text.get_rect(index)
            said = text.get_text_bounded(*rect)
            if not 50 < left < right < width - 50:
                found.append(said)
            over = [
                other
                for other, (x, y, to, up) in boxes
                if min(right, to) - max(left, x) > 2 and min(top, up) - max(bottom, y) > 2
            ]
            found += [f"{said} / {other}" for other in over]
            boxes.append((said, rect))
    return found


@real
@every
def test_what_has_no_place_to_break_stays_within_the_margins(kind):
    data = run_together(KINDS[kind].schema, data_of(kind, "short")) | {"demo": False}
    done = made.typeset(fakes.papers(made.press()), kind, data)
    assert beyond(done.pdf) == []


@real
@pytest.mark.parametrize(
    "kind", [one for one in sorted(KINDS) if "copies" in KINDS[one].schema["properties"]]
)
def test_many_organs_to_know_of_a_paper_all_stand_on_it(kind):
    several = "市人民政府办公室、市安全生产委员会办公室、市工业和信息化局、市公安局、市生态环境局"
    data = data_of(kind, "short") | {"copies": several, "demo": False}
    done = made.typeset(fakes.papers(made.press()), kind, data)
    assert beyond(done.pdf) == []
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(done.pdf))
    assert f"{several}。" in "".join(text.split())


@real
@pytest.mark.parametrize("name", ["山西转型综合改革示范区管理委员会应急管理局", "某" * 26], ids=len)
@pytest.mark.parametrize("kind", ["notice", "closure_request", "partner_letter"])
def test_the_long_name_of_an_organ_has_room_over_its_letters(kind, name):
    data = data_of(kind, "short") | {"organ": name, "demo": False}
    done = made.typeset(fakes.papers(made.press()), kind, data)
    assert beyond(done.pdf) == []


LICENCES = ["14112300101", "14112319800101001X", "ABCDEFGH0123456789ABCDEFGH0123"]
"""Of officers: as they are, of the length of an identity card, and as long as a form takes."""
LONGEST_LICENCE = 20
"""Characters that stand in one line, set smaller."""


def licensed(value, number):
    """Return a paper's data with this number of each officer's licence."""
    if isinstance(value, dict):
        return {
            key: number if key == "certificate" else licensed(one, number)
            for key, one in value.items()
        }
    return [licensed(one, number) for one in value] if isinstance(value, list) else value


@real
@pytest.mark.parametrize("number", LICENCES, ids=len)
@pytest.mark.parametrize(
    "kind", [one for one in sorted(KINDS) if "certificate" in json.dumps(KINDS[one].schema)]
)
def test_the_number_of_a_licence_has_room_beside_the_signature(kind, number):
    """What has no room on its line is smaller, or goes to the next with what it is called."""
    done = made.typeset(
        fakes.papers(made.press()), kind, licensed(data_of(kind, "short"), number) | {"demo": False}
    )
    assert beyond(done.pdf) == []
    if "officer1" not in done.boxes:  # it stands in the text, or in a table
        return
    page, _left, bottom, _right, top = done.boxes["officer1"]
    sheet = pypdfium2.PdfDocument(done.pdf)[page]
    below = bottom - 26  # points: it may go to the next line
    text = sheet.get_textpage().get_text_bounded(0, below, sheet.get_width(), top + 4)
    said = "".join(text.split())
    whole = len(number) < LONGEST_LICENCE
    assert f"证号：{number}" in said if whole else number[:8] in said and number[-8:] in said


LONG_ORGAN = (
    "内蒙古自治区呼伦贝尔市鄂温克族自治旗大雁工业经济开发区管理委员会应急管理和安全生产监督管理局"
)


@real
@every
@pytest.mark.parametrize("organ", [LONG_ORGAN, "某" * 128], ids=len)
def test_the_long_name_of_an_organ_stands_over_nothing_else(kind, organ):
    """It takes the lines it needs above the day, and what follows goes down."""
    done = made.typeset(
        fakes.papers(made.press()), kind, data_of(kind, "short") | {"organ": organ, "demo": False}
    )
    assert beyond(done.pdf) == []
    if "seal" in done.boxes:
        page, left, bottom, right, top = done.boxes["seal"]
        text = pypdfium2.PdfDocument(done.pdf)[page].get_textpage()
        assert "2026年11月20日" in "".join(text.get_text_bounded(left, bottom, right, top).split())


@real
@pytest.mark.parametrize("length", range(26, 60, 3))
def test_an_imprint_stands_on_an_even_page_however_long_the_organs_name(length):
    data = data_of("closure_notice", "short") | {"organ": "某" * length, "demo": False}
    done = made.typeset(fakes.papers(made.press()), "closure_notice", data)
    assert len(pypdfium2.PdfDocument(done.pdf)) % 2 == 0


@real
@pytest.mark.parametrize("organ", [FACTS["@organ"], GOVERNMENT])
def test_the_head_of_a_proof_of_service_suits_who_gave_it(organ):
    """A bureau's is a paper of enforcement; a government's has the government at its head."""
    known = {"organ": organ["name"], "series": organ["series"]}
    done = made.typeset(
        fakes.papers(made.press()),
        "service_receipt",
        data_of("service_receipt", "short") | known,
    )
    page = pypdfium2.PdfDocument(done.pdf)[0].get_textpage().get_text_range()
    text = "".join(page.split())
    assert f"{organ['series']}文书送达回证" in text
    assert ("安全生产行政执法文书" in text) == (organ is not GOVERNMENT)


@real
@every
def test_a_preview_says_that_it_is_one(kind):
    done = made.typeset(fakes.papers(made.press()), kind, data_of(kind, "short"), "预览")
    assert "预览" in pypdfium2.PdfDocument(done.pdf)[0].get_textpage().get_text_range()


@real
@pytest.mark.parametrize("more", range(1, 8))
@pytest.mark.parametrize(
    ("kind", "field"), [("on_site_measure", "problems"), ("hearing_notice", "facts")]
)
def test_signatures_and_seal_leave_no_page_half_empty(kind, field, more):
    """What is kept together goes to the next page; the leading makes up for what it leaves."""
    papers = fakes.papers(made.press())
    answers = SHORT[kind] | {field: MUCH * more}
    done = made.typeset(papers, kind, content(papers.templates.kinds[kind], answers))
    foot, high = 75, 706  # points: where the text of a page ends, and how high it may be
    for page in list(pypdfium2.PdfDocument(done.pdf))[:-1]:
        text = page.get_textpage()
        lows = [text.get_rect(index)[1] for index in range(text.count_rects())]
        assert (min(low for low in lows if low > foot) - foot) / high < 0.23


def test_every_kind_has_samples():
    assert set(SHORT) == set(LONG) == set(KINDS)


@every
def test_every_kind_says_what_it_is_for(kind):
    says = KINDS[kind].schema["x-paper"]
    assert says["group"] in ("scene", "penalty", "letter", "table")
    assert says["purpose"].endswith("。")
    assert says["x-en"]["purpose"].endswith(".")


def optional(data, schema):
    """Yield the data without each thing that may be left out, and without all of them."""
    whole = deepcopy(data)
    rows = [
        (name, inner)
        for name, field in schema["properties"].items()
        for inner in set(field.get("items", {}).get("properties", ()))
        - set(field.get("items", {}).get("required", ()))
        if name in data
    ]
    for name in sorted(set(data) - set(schema["required"])):
        yield name, {key: value for key, value in data.items() if key != name}
        whole.pop(name)
    for name, inner in rows:
        less = [{key: value for key, value in row.items() if key != inner} for row in data[name]]
        yield f"{name}.{inner}", {**data, name: less}
        if name in whole:
            whole[name] = [{k: v for k, v in row.items() if k != inner} for row in whole[name]]
    yield "all", whole


BLANKS = re.compile("（）|“”|〔〕|：。|，，|，。|、、|None|Undefined|于于")
LEFT_FREE = {"sign", "label"}
"""Where somebody signs, and beside the second officer's place."""


NOT_LOOKED_AT = "ancestor::thead[@class='edge'] | ancestor::tfoot[@class='edge'] | ancestor::table[contains(@class, 'statistics')]"
"""The edges of a table, and the cells of statistics, where a plant may have no hazard."""


def blanks(page):
    """Return what on a page looks as if something were missing."""
    body = html.fromstring(page).find("body")
    cells = [
        html.tostring(cell, encoding="unicode")
        for cell in body.iter("td", "p", "u", "h1")
        if not cell.text_content().strip()
        and not (LEFT_FREE & set(cell.classes) or cell.get("id") or cell.xpath(".//*[@id]"))
        and not cell.xpath(NOT_LOOKED_AT)
    ]
    return cells + BLANKS.findall("".join(body.text_content().split()))


@real
def test_what_is_left_out_leaves_no_blank():
    """Any optional field may be missing, alone or with all others: no label stands without a value."""
    cases = [
        (kind, left_out, less)
        for kind, how in itertools.product(KINDS, SAMPLES)
        for left_out, less in optional(data_of(kind, how), KINDS[kind].schema)
        if Draft202012Validator(KINDS[kind].schema).is_valid(less)
    ]
    assert len(cases) > 200
    pages = made.filled_in(fakes.papers().templates, [(kind, less) for kind, _, less in cases])
    found = {
        (kind, left_out): wrong
        for (kind, left_out, _), page in zip(cases, pages, strict=True)
        if (wrong := blanks(page))
    }
    assert found == {}


def test_every_optional_field_is_in_a_sample():
    for kind in MADE_APART:
        there = set(data_of(kind, "short")) | set(data_of(kind, "long"))
        assert there == set(KINDS[kind].schema["properties"]), kind


def refused(kind, answers):
    """Return what is wrong with answers, where they were given."""
    known = KINDS[kind]
    sources = {"@answers": answers, "@organ": {}, "@subject": {}}
    data = gather(known.schema, sources)
    found = messages(Draft202012Validator(known.schema, format_checker=FORMATS), data)
    return {at_answer(known.schema, pointer, answers) for pointer in found} - {""}


def form(kind):
    return json.loads((FORMS / f"{FORM_OF[kind]}-schema.json").read_text("utf-8"))


def inner(kind):
    """Yield each text of a row with where it stands."""
    for name, field in KINDS[kind].schema["properties"].items():
        for column, spec in field.get("items", {}).get("properties", {}).items():
            if "maxLength" in spec:
                yield name, column, spec


@pytest.mark.parametrize("kind", MADE_APART)
def test_what_is_missing_or_too_long_is_told_at_its_answer(kind):
    answers, schema = SHORT[kind], KINDS[kind].schema
    assert refused(kind, answers) == set()
    asked = {name for name, field in schema["properties"].items() if ANSWERS in field["x-from"]}
    for name in asked & set(schema["required"]):
        less = {key: value for key, value in answers.items() if key != name}
        assert refused(kind, less) == {f"/{name}"}
    for name in asked:
        most = schema["properties"][name].get("maxLength")
        if most and "pattern" not in schema["properties"][name]:
            assert f"/{name}" in refused(kind, {**answers, name: "字" * (most + 1)})
    for name, column, spec in inner(kind):
        for row in LONG[kind].get(name, ())[:1]:
            wrong = {**LONG[kind], name: [{**row, column: "字" * (spec["maxLength"] + 1)}]}
            assert f"/{name}/0/{column}" in refused(kind, wrong)


@pytest.mark.parametrize("kind", MADE_APART)
def test_a_form_asks_for_what_its_paper_states(kind):
    """The same fields, within bounds at least as close: what the form takes can be printed."""
    schema, asked = KINDS[kind].schema, form(kind)
    stated = {
        field["x-from"].split()[0].removeprefix(ANSWERS): field
        for field in schema["properties"].values()
        if field["x-from"].startswith(ANSWERS)
    }
    assert set(asked["properties"]) == set(stated)
    assert set(asked["required"]) == set(schema["required"]) & set(stated)
    for name, field in stated.items():
        _alike(asked["properties"][name], field, asked.get("$defs", {}))


def _alike(question, field, defs):
    assert question.get("format") == field.get("format", question.get("format")), question
    for bound in LEAST:
        assert question.get(bound, 0) >= field.get(bound, 0), (question, bound)
    for bound in MOST:
        assert question.get(bound, 0) <= field.get(bound, question.get(bound, 0)), (question, bound)
    if "enum" in field:
        assert [one["const"] for one in question["oneOf"]] == field["enum"]
    if "properties" in field.get("items", {}):
        named = question["items"].get("$ref", "").rpartition("/")[2]
        row = defs[named] if named else question["items"]
        assert set(row["properties"]) == set(field["items"]["properties"])
        assert set(row["required"]) == set(field["items"]["required"])
        for name, column in field["items"]["properties"].items():
            _alike(row["properties"][name], column, defs)


@pytest.mark.parametrize("kind", MADE_APART)
def test_choices_have_words(kind):
    """What a form offers, the wording can say: else a paper would fail when it is typeset."""
    bundle = json.loads(fakes.papers().templates.bundle)
    told = [set(each) for each in _maps(bundle["wording"].get(kind, {}))]
    for field in KINDS[kind].schema["properties"].values():
        for spec in (field, *field.get("items", {}).get("properties", {}).values()):
            choices = set(spec.get("enum", ()))
            in_text = choices <= {"no", "yes", "other", *itertools.chain(*told)}
            assert not choices or in_text, (kind, choices)


def _maps(wording):
    for value in wording.values():
        if isinstance(value, dict):
            yield value


def test_a_penalty_never_stands_on_a_measure_on_site():
    """R18: what is ordered on site and what penalises are never mixed."""
    for kind in ("case_filing", "investigation_report", "penalty_notice", "penalty_decision"):
        for article in ("第六十五条", "第六十七条"):
            wrong = {**SHORT[kind], "penalty_article": f"《中华人民共和国安全生产法》{article}"}
            assert refused(kind, wrong) == {"/penalty_article"}


def test_what_is_served_and_can_be_challenged_says_how():
    """R18b: review by the government of the same level, or a suit."""
    for kind in KINDS.values():
        told = json.loads(fakes.papers().templates.bundle)["wording"].get(kind.id, {})
        if "review_organ" in kind.schema["properties"]:
            assert kind.schema["properties"]["review_organ"]["x-from"] == "@organ.review"
            assert (told["review_days"], told["suit_months"]) == (60, 6)
            assert {"review_organ", "court"} <= set(kind.schema["required"])


NOTICE = {
    "annex_1": "序号 企业名称 所在地址 所属行业 备注",
    "annex_2": "序号 企业名称 所在地址 检查企业次数 执法检查人员数量（人次） 参与检查专家数量（人次） "
    "发现问题和隐患数 发现重大隐患数 下达整改指令书（份） 下达行政处罚文书（份） 行政罚款总数（万元） 备注",
    "annex_3": "序号 地区 企业名称 地址 行业 安全生产条件不达标应限期整改内容 是否按期整改合格 黄/红牌 "
    "拟关闭/关闭依据 是否已关闭",
}


@real
@pytest.mark.parametrize("kind", NOTICE)
def test_the_annexes_have_the_columns_of_the_notice(kind):
    head = NOTICE[kind].replace(" ", "")
    assert said(kind, "short").count(head) == 1
    assert said(kind, "long").count(head) == typeset(kind, "long").pages


@real
def test_a_table_of_five_hundred_rows_repeats_its_head():
    rows = {**LONG["annex_2"], "enterprises": [inspected(number) for number in range(500)]}
    done = made.typeset(fakes.papers(made.press()), "annex_2", content(KINDS["annex_2"], rows))
    told = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(done.pdf)]
    pages = ["".join(page.split()) for page in told]
    assert all(NOTICE["annex_2"].replace(" ", "") in page for page in pages)
    assert "500兴县" in pages[-1]
    assert done.pages < 60


@real
def test_a_letter_has_no_number_on_its_first_page():
    """信函格式 (GB/T 9704-2012, 10.1)."""
    pages = pypdfium2.PdfDocument(typeset("partner_letter", "long").pdf)
    told = ["".join(page.get_textpage().get_text_range().split()) for page in pages]
    assert ["—" in page for page in told] == [False, *([True] * (len(told) - 1))]
    assert "印发" not in "".join(told)


@real
@pytest.mark.parametrize("kind", [kind for kind in sorted(KINDS) if KINDS[kind].sealed])
@both
def test_a_seal_stands_over_the_organ_and_the_day_and_over_nothing_else(kind, how):
    """Both stand a little below its middle (7.3.5.1); no signature and no line of text is under it."""
    done, data = typeset(kind, how), data_of(kind, how)
    number, left, bottom, right, top = done.boxes["seal"]
    text = pypdfium2.PdfDocument(done.pdf)[number].get_textpage()
    under = []
    for index in range(text.count_chars()):
        at, low, _to, up = text.get_charbox(index, loose=True)
        watermark = up - low > (top - bottom) / 3
        if left - 2 < at < right and bottom < low < top and not watermark:
            under.append((text.get_text_range(index, 1).strip(), low))
    under = [(said, low) for said, low in under if said]
    assert "".join(said for said, _low in under) == data["organ"] + "2026年11月20日"
    lines = [low for _said, low in under]
    assert 0 < (bottom + top) / 2 - (min(lines) + max(lines)) / 2 < 21 * POINT / 2
    for name in KINDS[kind].places:
        place, to_left, low, to_right, up = done.boxes[name]
        apart = to_right <= left or right <= to_left or up <= bottom or top <= low
        assert place != number or apart, name


@real
def test_specimens_are_written_page_by_page(tmp_path):
    """`manage.py papers DIR KIND`."""
    written = list(specimens.write(tmp_path, ["reminder"]))
    assert [stem for stem, _pages in written] == ["reminder-short", "reminder-long"]
    wanted = {f"{stem}.pdf" for stem, _pages in written} | {
        f"{stem}-{page}.png" for stem, pages in written for page in range(1, pages + 1)
    }
    assert {path.name for path in tmp_path.iterdir()} == wanted
    assert (tmp_path / "reminder-short-1.png").read_bytes().startswith(b"\x89PNG")
