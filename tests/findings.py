"""Hazards as inspectors and plants write them down, and who inspects: invented, for every test."""

CLERKS = [
    {"name": "白承办", "certificate": "14-000501"},
    {"name": "白协理", "certificate": "14-000502"},
]
"""The two officers of the county's government."""
OFFICERS = [
    {"name": "白建国", "certificate": "14-000001"},
    {"name": "白志强", "certificate": "14-000002"},
]
GAS = {
    "description": "煤气柜区一氧化碳报警装置失灵",
    "place": "煤气柜区",
    "basis": "违反《安全生产法》第三十六条第二款的规定",
    "class": "general",
}
RAIL = {
    "description": "浇注平台临边未设置防护栏杆",
    "place": "浇注平台",
    "basis": "违反《安全生产法》第三十六条第一款的规定",
    "class": "general",
}
DUST = {
    "description": "除尘系统未规范采用控爆措施",
    "place": "除尘系统",
    "basis": "违反《安全生产法》第四十一条第二款的规定",
    "class": "major",
    "criterion": "《工贸企业重大事故隐患判定标准》第十一条",
}
CRANE = {
    "description": "吊运熔融金属的铸造起重机未使用固定式龙门钩",
    "place": "熔炼车间",
    "basis": "违反《安全生产法》第三十六条第一款的规定",
    "class": "major",
    "criterion": "《工贸企业重大事故隐患判定标准》第四条第二项",
}
