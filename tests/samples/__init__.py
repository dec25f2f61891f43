"""Answers that each kind of paper is made of, realistic: as little as there can be, and as much."""

LONG_NAME = "山西吕梁兴县蔚汾河流域特种合金铸造与精密机械加工制造集团股份有限公司第二分公司（演示）"
MUCH = "除尘系统未设置泄爆、隔爆、惰化等控爆措施，熔炼车间作业人员聚集场所位于高温熔融金属吊运影响范围内；"
OFFICERS = [
    {"name": "白建国", "certificate": "14-000001"},
    {"name": "白志强", "certificate": "14-000002"},
]
RARE = "镕喆堃䶮"
"""Characters of names that many fonts lack."""
FACTS = (
    "2026年11月20日，本机关执法人员对该企业检查时发现：打磨车间除尘系统未设置泄爆装置，"
    "除尘器灰斗积尘厚度超过规定，作业人员未经粉尘防爆专项培训即上岗作业。"
)
CONTACT = {"contact": "白建国", "phone": "0358-6321000"}


def long(text: str, many: int) -> str:
    """Return a text in so many paragraphs."""
    return "\n".join(f"（{number}）{text}" for number in range(1, many + 1))
