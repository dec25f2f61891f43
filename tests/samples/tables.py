"""Tables of the Liaoning notice: nothing to report, and a province's worth of rows."""

from typing import Any

from tests.samples import LONG_NAME, RARE

FILLED = {"filler": "刘亚军", "phone": "0358-6321000", "filled_on": "2026-11-20"}
PLANT = {"name": "兴县蔚汾特种铸造有限公司", "address": "兴县蔚汾镇工业路1号"}
MANY = 120


def _rows(row: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {**row, "name": f"{LONG_NAME}{RARE[number % 4]}厂"} if number % 9 == 0 else row
        for number in range(MANY)
    ]


def inspected(number: int) -> dict[str, Any]:
    """Return a row of the second annex."""
    counts = {"visits": 2, "inspectors": 6, "experts": 2, "found": number, "orders": 2}
    major = {"major": 1, "remark": "除尘系统未设置泄爆装置，2026年12月20日前整改"}
    plain = {"major": 0}
    return {**PLANT, **counts, **(major if number % 3 else plain), "penalties": 1, "fines": 3.5}


CARDED = {
    "area": "兴县",
    **PLANT,
    "sector": "钢铁",
    "content": "打磨车间除尘系统未设置泄爆、隔爆、惰化等控爆措施",
    "rectified": "no",
    "card": "red",
    "ground": "《中华人民共和国安全生产法》第一百一十三条第四项",
    "closed": "no",
}
SHORT: dict[str, dict[str, Any]] = {
    "annex_1": FILLED,
    "annex_2": {**FILLED, "period": "6月"},
    "annex_3": {**FILLED, "enterprises": [CARDED]},
}
LONG: dict[str, dict[str, Any]] = {
    "annex_1": {
        **FILLED,
        "enterprises": _rows({**PLANT, "sector": "钢铁", "state": "part"}),
    },
    "annex_2": {
        **FILLED,
        "period": "年度",
        "enterprises": [inspected(number) for number in range(MANY)],
    },
    "annex_3": {
        **FILLED,
        "enterprises": [
            {key: value for key, value in CARDED.items() if key != "ground"}
            | {"card": "yellow", "rectified": "due"}
            if number % 4
            else CARDED
            for number in range(MANY)
        ],
    },
}
