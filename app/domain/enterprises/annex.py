"""Lists of enterprises as offices send them: annex 1 of the Liaoning notice, and its many variants.

序号 | 企业名称 | 所在地址 | 所属行业 | 备注（正常生产/局部生产/停产）; above it a title over all
columns, below it notes.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.enterprises import FIELDS, Production
from app.domain.enterprises.likeness import NOISE
from app.domain.text import T, Text

Line = tuple[int, Sequence[str]]

# What a column is, by what its heading says; a heading may say more, such as the unit.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "number": ("序号", "编号", "no", "no."),
    "name": (
        *("企业名称", "单位名称", "企业全称", "公司名称", "企业（单位）名称", "生产经营单位名称"),
        *("企业", "名称", "enterprise", "name"),
    ),
    "address": (
        *("所在地址", "企业地址", "详细地址", "生产地址", "经营地址", "注册地址", "生产经营地址"),
        *("所在地", "地址", "住所", "address"),
    ),
    "sector": ("所属行业", "行业类别", "行业类型", "行业分类", "行业", "sector"),
    "production": ("生产状态", "生产情况", "生产状况", "运行状态", "production"),
    "remark": ("备注", "remark"),
    "credit_code": ("统一社会信用代码", "社会信用代码", "信用代码", "credit code"),
    "place": ("所属区划", "行政区划", "所属县区", "县区", "县（市、区）", "区划", "division"),
    "principal": ("主要负责人", "企业负责人", "法定代表人", "法人代表", "负责人", "principal"),
    "phone": ("负责人电话", "联系电话", "联系方式", "手机号码", "手机", "电话", "phone"),
    "ownership": ("企业性质", "所有制性质", "所有制", "经济类型", "ownership"),
    "supervision": ("监管层级", "监管级别", "直管层级"),
    "tags": ("专项标签", "风险类型", "重点领域", "涉及领域"),
    "grade": ("标准化等级", "安全标准化等级", "达标等级"),
    "dust_workers": ("涉粉作业人数", "涉粉人数", "粉尘作业人数"),
    "electricity_account": ("用电户号", "电力户号", "户号"),
    "longitude": ("经度",),
    "latitude": ("纬度",),
}
NEEDED = ("name", "address")
WORD = {
    unicodedata.normalize("NFKC", NOISE.sub("", title)).lower(): key
    for key, titles in HEADINGS.items()
    for title in titles
}
SEARCHED = 30
"""The heading stands in one of so many rows."""
NOTE = re.compile(
    r"^(注[:：]?|备注[:：]|说明[:：]?|填表|填报|制表|审核|联系人[:：]|合计|总计|小计)"
)
STATES = (
    (Production.PARTIAL, ("局部生产", "部分生产", "部分停产", "局部停产", "半停产")),
    (Production.STOPPED, ("停产", "停工", "关停", "未生产", "停业")),
    (Production.NORMAL, ("正常生产", "正常", "生产中", "在产", "生产")),
)
FLAGS = {
    "key": ("重点监管", "重点企业", "重点监管对象"),
    "worrisome": ("不放心",),
    "idle": ("长期停产", "僵尸企业", "“僵尸”", "长期停工"),
}
SUPERVISED = {"省直管": "province", "市直管": "city", "县直管": "county"}
GRADED = {"一级": "first", "二级": "second", "三级": "third", "未达标": "below"}


@dataclass(frozen=True, slots=True)
class Known:
    """A word of the registry and everything it is called."""

    code: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The words that cells are read by."""

    sectors: Collection[Known] = ()
    tags: Collection[Known] = ()
    ownerships: Collection[Known] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    """Divisions of the actor's area: name → place."""
    zones: Mapping[str, str] = field(default_factory=dict)
    """Zones of the chosen division: name → place."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where the list begins, and what its columns are: field → (index, heading)."""

    top: int
    columns: Mapping[str, tuple[int, str]]
    lines: Sequence[Line]


@dataclass(slots=True)
class Read:
    """A row of the list: what stands there, what it means, and what is wrong with it."""

    number: int
    cells: dict[str, str]
    facts: dict[str, Any]
    errors: dict[str, Text]


def find_table(lines: Sequence[Line]) -> Table | None:
    """Find the heading among the first rows, and the rows of the list below it."""
    best: tuple[int, dict[str, tuple[int, str]]] | None = None
    for index, (_number, cells) in enumerate(lines[:SEARCHED]):
        below = lines[index + 1][1] if index + 1 < len(lines) else ()
        for height, titles in ((1, cells), (2, _two_high(cells, below))):
            columns = _columns(titles)
            fits = all(key in columns for key in NEEDED)
            if fits and (best is None or len(columns) > len(best[1])):
                best = (index + height, columns)
    if best is None:
        return None
    start, columns = best
    return Table(start, columns, list(_listed(lines[start:], columns)))


def _two_high(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return headings of two rows as one: the lower word counts, where there is one that counts."""
    width = max(len(upper), len(lower))
    pairs = [
        (upper[i] if i < len(upper) else "", lower[i] if i < len(lower) else "")
        for i in range(width)
    ]
    return [down if _heading(down) else up for up, down in pairs]


def _columns(titles: Sequence[str]) -> dict[str, tuple[int, str]]:
    columns: dict[str, tuple[int, str]] = {}
    for index, title in enumerate(titles):
        key = _heading(title)
        if key is not None and key not in columns:
            columns[key] = (index, title.replace("\n", "")[:64])
    return columns


def _heading(title: str) -> str | None:
    """Return which field a heading means, whatever stands in its brackets."""
    plain = unicodedata.normalize("NFKC", title)
    whole = NOISE.sub("", plain).lower()
    short = NOISE.sub("", re.sub(r"[(\[【].*", "", plain, flags=re.DOTALL)).lower()
    return WORD.get(whole) or WORD.get(short)


def _listed(lines: Sequence[Line], columns: Mapping[str, tuple[int, str]]) -> Sequence[Line]:
    """Return the rows of the list: no repeated heading, no sum, no notes below."""
    kept = []
    name_at = columns["name"][0]
    for number, cells in lines:
        filled = [cell for cell in cells if cell]
        first = filled[0] if filled else ""
        name = cells[name_at] if name_at < len(cells) else ""
        if _heading(name) == "name":
            continue  # the heading again, at the top of the next printed page
        if NOTE.match(first):
            continue
        if len(filled) == 1 and (len(first) > 12 or not name or first.isdigit()):  # noqa: PLR2004
            continue  # a note without the word, or a number that was prepared for nobody
        kept.append((number, cells))
    return kept


def read_row(line: Line, columns: Mapping[str, tuple[int, str]], words: Words) -> Read:
    """Return what a row means."""
    number, cells = line
    found = {
        key: " ".join(cells[index].split()) if index < len(cells) else ""
        for key, (index, _heading_) in columns.items()
    }
    row = Read(number, {key: cell for key, cell in found.items() if cell}, {}, {})
    for key in FIELDS:
        if cell := found.get(key, ""):
            READERS.get(key, _as_it_is)(row, key, cell, words)
    _zone(row, words)
    return row


def _as_it_is(row: Read, key: str, cell: str, _words: Words) -> None:
    row.facts[key] = cell


def _code(row: Read, key: str, cell: str, _words: Words) -> None:
    plain = unicodedata.normalize("NFKC", cell)
    if NOISE.sub("", plain).lower() not in ("", "无", "待补", "待补码", "暂无"):
        row.facts[key] = plain.replace(" ", "").replace("-", "").upper()


def _number(row: Read, key: str, cell: str, _words: Words) -> None:
    plain = unicodedata.normalize("NFKC", cell).rstrip("人°度").replace(",", "")
    try:
        value = float(plain)
    except ValueError:
        row.errors[key] = T("“{cell}”不是数字", cell=cell[:40])
        return
    row.facts[key] = int(value) if value.is_integer() and key == "dust_workers" else value


def _phone(row: Read, key: str, cell: str, _words: Words) -> None:
    row.facts[key] = unicodedata.normalize("NFKC", cell).replace(" ", "").replace("—", "-")


def _sector(row: Read, key: str, cell: str, words: Words) -> None:
    code = known(cell, words.sectors)
    if code is None:
        row.errors[key] = T("行业“{cell}”不在行业目录中", cell=cell[:40])
    else:
        row.facts[key] = code


def _ownership(row: Read, key: str, cell: str, words: Words) -> None:
    code = known(cell, words.ownerships)
    if code is None:
        row.errors[key] = T("企业性质“{cell}”不在目录中", cell=cell[:40])
    else:
        row.facts[key] = code


def _tags(row: Read, key: str, cell: str, words: Words) -> None:
    parts = [part for part in re.split(r"[、，,;；/\s]+", cell) if part]
    codes = {part: known(part, words.tags) for part in parts}
    if strange := [part for part, code in codes.items() if code is None]:
        row.errors[key] = T("标签“{cell}”不在目录中", cell="、".join(strange)[:40])
    else:
        row.facts[key] = list(dict.fromkeys(code for code in codes.values() if code))


def _place(row: Read, key: str, cell: str, words: Words) -> None:
    if cell in words.places:
        row.facts[key] = words.places[cell]
    else:
        row.errors[key] = T("区划“{cell}”不在您的辖区内", cell=cell[:40])


def _chosen(choices: Mapping[str, str]) -> Any:
    def reader(row: Read, key: str, cell: str, _words: Words) -> None:
        code = next((code for name, code in choices.items() if name in cell or cell in name), None)
        if code is None:
            listed = "、".join(choices)
            row.errors[key] = T("“{cell}”应为：{listed}", cell=cell[:40], listed=listed)
        else:
            row.facts[key] = code

    return reader


def _remark(row: Read, key: str, cell: str, words: Words) -> None:
    """Read the state of production out of the remark, and the marks that offices put beside it."""
    row.facts[key] = cell[:500]
    for flag, names in FLAGS.items():
        if any(name in cell for name in names):
            row.facts[flag] = True
    if "production" not in row.cells:
        _production(row, key, cell, words)


def _production(row: Read, key: str, cell: str, _words: Words) -> None:
    for state, names in STATES:
        if any(name in cell for name in names):
            row.facts["production"] = state.value
            return
    row.errors[key] = T("备注应注明正常生产、局部生产或停产")


READERS: Mapping[str, Any] = {
    "credit_code": _code,
    "longitude": _number,
    "latitude": _number,
    "dust_workers": _number,
    "phone": _phone,
    "sector": _sector,
    "ownership": _ownership,
    "tags": _tags,
    "place": _place,
    "supervision": _chosen(SUPERVISED),
    "grade": _chosen(GRADED),
    "production": _production,
    "remark": _remark,
}


def _zone(row: Read, words: Words) -> None:
    """Give an enterprise to the zone that its address names, as a list has no division."""
    if "place" in row.facts or "place" in row.errors:
        return
    address = row.facts.get("address", "")
    for name, place in words.zones.items():
        if name in address:
            row.facts["place"] = place
            return


def known(cell: str, words: Collection[Known]) -> str | None:
    """Return the code of the word that a cell means: the word itself, or the longest one in it."""
    plain = (
        NOISE.sub("", unicodedata.normalize("NFKC", cell)).removesuffix("行业").removesuffix("业")
    )
    if not plain:
        return None
    best, length = None, 0
    for word in words:
        for name in word.names:
            if name in (cell, plain):
                return word.code
            if name in cell and len(name) > length:
                best, length = word.code, len(name)
    return best
