"""Answers that each kind of paper is made of: as little as there can be, and as much."""

from typing import Any

from jsonschema import Draft202012Validator

from app.domain.documents import GOVERNMENT_PATTERN, PATTERN, gather, number_of
from app.domain.scoring import EMPTIES, rule_of
from app.domain.scoring import shipped as shipped_rules
from app.domain.statistics import By, shipped, table_of, total
from app.services.reports.drafting import Line as Reported
from app.services.reports.facts import stated_on
from tests.samples import LONG_NAME, MUCH, OFFICERS, letters, penalty, scene, tables

FACTS: dict[str, Any] = {
    "@subject": {
        "name": "兴县蔚汾特种铸造有限公司（演示）",
        "address": "蔚汾镇工业路 1 号",
        "principal": "陈静",
        "phone": "0358-6321000",
        "credit_code": "91141123MA0K000000",
    },
    "@organ": {
        "name": "兴县应急管理局",
        "review": "兴县人民政府",
        "court": "兴县人民法院",
        "series": "安全生产行政执法文书",
    },
    "@number": "（兴）应急责改〔2026〕1号",
    "@code": "ABCDEFGHIJKLMNOP",
    "@site": "bihuan.example.gov.cn/verify",
    "@demo": True,
    "@date": "2026-11-20",
    "@earlier": {
        "title": "责令限期整改指令书",
        "number": "（兴）应急责改〔2026〕1号",
        "date": "2026-11-20",
    },
    "@card": {
        "colour": "red",
        "becomes": "yellow",
        "number": "（兴）应急公示〔2026〕1号",
        "date": "2026-11-20",
        "lifted_on": "2026-12-20",
    },
    "@served": {"title": "现场处理措施决定书", "number": "（兴）应急现决〔2026〕1号"},
}
GOVERNMENT = {
    "name": "兴县人民政府",
    "review": "吕梁市人民政府",
    "court": "吕梁市中级人民法院",
    "series": "兴县人民政府",
}
ALL_FIVE = ["responsibility", "measures", "funds", "time", "contingency"]

SHORT: dict[str, dict[str, Any]] = {
    **scene.SHORT,
    **penalty.SHORT,
    **letters.SHORT,
    **tables.SHORT,
    "rectification_order": {
        "check_date": "2026-11-20",
        "check_place": "熔炼车间",
        "hazards": [
            {
                "description": "配电房未设置警示标志",
                "place": "配电房",
                "basis": "违反《安全生产法》第三十五条",
                "class": "general",
            }
        ],
        "deadline": "2026-12-05",
        "precautions": "停用打磨工位",
        "officers": OFFICERS,
    },
    "service_receipt": {
        "manner": "direct",
        "served_on": "2026-11-20",
        "served_at": "企业办公室",
        "receipt": "signed",
        "receiver": "陈静",
        "receiver_post": "主要负责人",
        "officers": OFFICERS,
    },
    "on_site_measure": {
        "check_date": "2026-11-20",
        "problems": "除尘系统未设置泄爆装置",
        "basis": "《中华人民共和国安全生产法》第六十五条第一款第三项",
        "measures": ["stop"],
        "extent": "打磨车间",
        "comply_by": "2026-12-20",
        "officers": OFFICERS,
    },
    "supervision_notice": {
        "hazard": "打磨车间除尘系统未设置泄爆装置",
        "criterion": "《工贸企业重大事故隐患判定标准》第十一条",
        "comply_by": "2026-12-20",
        "leader": "白永刚",
        "owner": "陈静",
        "secured": ALL_FIVE,
        "cycle": "monthly",
        "removal": "企业申请后由本机关组织现场审查",
        "contact": "白建国 0358-6321000",
    },
    "inspection_plan": {
        "visit_on": "2026-11-23",
        "manner": "unannounced",
        "place": "打磨车间",
        "themes": ["dust"],
        "basis": "兴县2026年度安全生产监督检查计划",
        "officers": OFFICERS,
    },
    "inspection_record": {
        "place": "打磨车间",
        "visited_on": "2026-11-20",
        "span": "9时00分至11时30分",
        "person": "陈静",
        "post": "主要负责人",
        "phone": "0358-6321000",
        "summary": "现场检查了打磨车间除尘系统，未发现事故隐患",
        "clean": True,
        "officers": OFFICERS,
    },
    "rectification_review": {
        "reinspected_on": "2026-11-20",
        "items": [{"hazard": "配电房未设置警示标志", "result": "pass", "note": "已设置"}],
        "conclusion": "pass",
        "opinion": "隐患已消除，予以销号",
        "officers": OFFICERS,
    },
    "legal_review": {
        "matter": "未按期消除重大事故隐患",
        "passed": ["body", "facts", "law", "tier", "course", "paper", "crime"],
        "opinion": "同意拟作决定",
        "reviewer": "白文博",
        "reviewed_on": "2026-11-20",
    },
    "panel_minutes": {
        "meeting_on": "2026-11-20",
        "place": "三楼会议室",
        "chair": "白守正",
        "members": ["白立新", "白秀兰", "白海涛"],
        "attending": "白建国、白文博",
        "report": "该企业拒不执行责令限期整改指令",
        "opinions": "各成员均同意拟作决定",
        "conclusion": "同意责令停产停业整顿",
    },
    "hearing_notice": {
        "facts": "拒不执行责令限期整改指令",
        "article": "《中华人民共和国安全生产法》第四十一条",
        "penalty_article": "《中华人民共和国安全生产法》第一百零二条",
        "content": "责令停产停业整顿",
        "contact": "白建国 0358-6321000",
    },
    "hearing_call": {
        "hearing_on": "2026-12-02",
        "time": "9时00分",
        "place": "兴县应急管理局二楼会议室",
        "public": "public",
        "host": "白公明",
        "recorder": "白晓梅",
    },
    "stop_decision": {
        "facts": "拒不执行责令限期整改指令",
        "evidence": "现场检查记录、责令限期整改指令书和送达回证",
        "article": "《中华人民共和国安全生产法》第四十一条",
        "penalty_article": "《中华人民共和国安全生产法》第一百零二条",
        "statement": "你单位未提出陈述、申辩，未要求听证",
        "extent": "全部生产车间",
        "until": "2027-05-20",
        "content": "安装泄爆装置，完善除尘系统",
    },
    "card_lifting": {
        "lift_reason": "人民政府未决定关闭，继续整改",
        "basis": "《辽宁省重点淘汰行业企业安全专项整治方案》",
        "contact": "白建国 0358-6321000",
    },
    "card_notice": {
        "colour": "yellow",
        "card_reason": "打磨车间除尘系统未设置泄爆装置",
        "basis": "《辽宁省重点淘汰行业企业安全专项整治方案》",
        "until": "2026-12-20",
        "objection_until": "2026-11-30",
        "contact": "白建国 0358-6321000",
    },
    "closure_request": {
        "title": "兴县应急管理局关于提请关闭兴县蔚汾特种铸造有限公司的请示",
        "addressee": "兴县人民政府",
        "basis": "《中华人民共和国安全生产法》第一百一十三条第四项",
        "body": "兴县蔚汾特种铸造有限公司拒不执行停产停业整顿决定，存在重大事故隐患。",
        "annexes": [{"name": "责令停产停业整顿决定书和送达回证"}],
        "contact": "白建国",
        "phone": "0358-6321000",
    },
}
LONG: dict[str, dict[str, Any]] = {
    **scene.LONG,
    **penalty.LONG,
    **letters.LONG,
    **tables.LONG,
    "rectification_order": {
        **SHORT["rectification_order"],
        "hazards": [
            {
                "description": MUCH * 3,
                "place": f"第{number}车间",
                "basis": "违反《粉尘防爆安全规程》第6.4.1条",
                "class": "major",
                "criterion": "《工贸企业重大事故隐患判定标准》第十一条",
                "deadline": "2026-11-30",
            }
            for number in range(1, 13)
        ],
    },
    "service_receipt": {
        **SHORT["service_receipt"],
        "manner": "left",
        "receipt": "refused",
        "refusal_reason": MUCH * 8,
        "witness": "王芳",
        "witness_unit": "兴县蔚汾镇工业园区居民委员会主任",
        "supplier": "国网山西省电力公司兴县供电公司",
        "supplier_receiver": "李春生",
        "supplier_on": "2026-11-20",
        "remark": MUCH * 4,
    },
    "on_site_measure": {
        **SHORT["on_site_measure"],
        "problems": MUCH * 40,
        "basis": "《中华人民共和国安全生产法》第三十八条、第六十五条第一款第三项、第六十七条第一款",
        "measures": ["withdraw", "stop", "unit", "use"],
        "extent": "熔炼车间1号、2号中频炉，打磨车间全部工位及其除尘系统，浇注区和地坑周边三十米范围"
        * 3,
        "seal": "兴应急封2026-0012至0018",
    },
    "supervision_notice": {
        **SHORT["supervision_notice"],
        "hazard": MUCH * 30,
        "removal": MUCH * 6,
        "copies": "蔚汾镇人民政府，县工业和信息化局，县发展和改革局，国网兴县供电公司，县总工会",
    },
    "inspection_plan": {
        **SHORT["inspection_plan"],
        "place": MUCH * 3,
        "themes": ["steel", "dust", "confined", "danger", "source", "contract", "labour", "build"],
        "basis": "兴应急发〔2026〕18号、兴县2026年度安全生产监督检查计划和吕梁市工贸行业专项整治方案",
        "officers": [
            *OFFICERS,
            *({"name": "白晓梅", "certificate": "14-000003"} for _ in range(4)),
        ],
        "expert_name": "白博学",
        "expert_field": "粉尘防爆和金属冶炼",
    },
    "inspection_record": {
        **{key: value for key, value in SHORT["inspection_record"].items() if key != "clean"},
        "summary": MUCH * 30,
        "earlier": [
            {"description": MUCH, "place": f"{number}号炉", "state": "there"} for number in range(4)
        ],
        "hazards": [
            {
                "description": MUCH,
                "place": f"第{number}车间",
                "basis": "违反《粉尘防爆安全规程》第6.4.1条",
                "class": "major",
                "criterion": "《工贸企业重大事故隐患判定标准》第十一条",
            }
            for number in range(1, 9)
        ],
    },
    "rectification_review": {
        **SHORT["rectification_review"],
        "items": [
            {"hazard": MUCH, "result": "fail", "note": f"第{number}车间仍未整改，{MUCH}"}
            for number in range(1, 13)
        ],
        "conclusion": "fail",
        "opinion": MUCH * 4,
    },
    "legal_review": {
        **SHORT["legal_review"],
        "matter": "涉嫌拒不执行消除事故隐患的指令和未按规定上报重大事故隐患" * 3,
        "passed": ["body", "facts"],
        "opinion": MUCH * 38,
    },
    "panel_minutes": {
        **SHORT["panel_minutes"],
        "members": ["白立新", "白秀兰", "白海涛"] * 5,
        "attending": "承办人白建国、白志强，法制审核人员白文博，纪检监察人员" * 4,
        "report": MUCH * 50,
        "opinions": MUCH * 50,
        "verdict": "request",
        "conclusion": MUCH * 10,
    },
    "hearing_notice": {
        **SHORT["hearing_notice"],
        "facts": MUCH * 60,
        "content": MUCH * 10,
    },
    "hearing_call": {
        **SHORT["hearing_call"],
        "place": "吕梁市兴县蔚汾镇东关街兴县应急管理局办公楼二楼东侧大会议室（原县安监局旧址）" * 2,
        "public": "closed",
    },
    "stop_decision": {
        **SHORT["stop_decision"],
        "facts": MUCH * 50,
        "evidence": MUCH * 20,
        "statement": MUCH * 10,
        "content": MUCH * 20,
    },
    "card_lifting": {**SHORT["card_lifting"], "lift_reason": MUCH * 10},
    "card_notice": {**SHORT["card_notice"], "colour": "red", "card_reason": MUCH * 10},
    "closure_request": {
        **SHORT["closure_request"],
        "title": f"兴县应急管理局关于提请关闭{LONG_NAME}的请示",
        "body": "\n".join(
            (
                "现将有关情况请示如下：",
                "一、企业概况",
                MUCH * 6,
                "二、违法事实",
                "（一）存在重大事故隐患",
                MUCH * 10,
                "（二）拒不执行停产停业整顿决定",
                MUCH * 10,
                "三、已采取的措施",
                MUCH * 8,
                "妥否，请批示。",
            )
        ),
        "annexes": [
            {"name": f"行政处罚决定书（兴）应急罚〔2026〕{number}号和送达回证、现场照片及询问笔录"}
            for number in range(1, 7)
        ],
    },
}

DRAWING = {"title": "2026年冶金工贸行业督查抽查", "basis": "《2026年度监督检查计划》"}
TOLD = {
    "title": "关于市级安全生产督查抽查情况的通报",
    "addressee": "兴县应急管理局、汾阳市应急管理局",
    "body": "现将督查抽查情况通报如下。",
}
SHORT["circular"] = TOLD
LONG["circular"] = {
    **TOLD,
    "body": "\n".join(
        ["一、总体情况", MUCH * 6, "二、存在的问题", MUCH * 10, "三、工作要求", MUCH * 8]
    ),
    "copies": "吕梁市人民政府办公室、吕梁市安全生产委员会办公室",
}
SUMMED = {
    "title": "兴县应急管理局关于冶金工贸行业安全生产大检查大整治大提升专项行动的工作总结",
    "addressee": "吕梁市应急管理局",
    "overview": "专项行动纳入企业2家，全部完成自查和检查。",
    "results": "企业自查和县级检查按期完成。",
    "problems": "个别企业隐患整改进度偏慢。",
    "plans": "继续督促整改，防止反弹。",
}
SHORT["summary"] = SUMMED
LONG["summary"] = {
    **SUMMED,
    "overview": MUCH * 6,
    "results": "\n".join(
        line for level in "一二三四" for line in (f"（{level}）县级全面检查阶段小结", MUCH * 6)
    ),
    "problems": MUCH * 8,
    "plans": MUCH * 8,
    "figures": [
        {
            "key": f"figure{number}",
            "group": ("成立检查组", "督查监管部门情况", "企业隐患排查整治进展情况")[number // 20],
            "title": f"排查一般隐患{number}（项）",
            "value": str(number * 137),
        }
        for number in range(60)
    ],
    "missing": "、".join([LONG_NAME] * 8),
}
SHORT["talk_record"] = {
    "basis": "《安全生产约谈实施办法（试行）》第四条",
    "reason": "打磨车间除尘系统重大事故隐患逾期未整改",
    "talked_on": "2026-11-20",
    "span": "9时00分至10时00分",
    "place": "兴县应急管理局二楼会议室",
    "person": "陈静",
    "post": "主要负责人",
    "phone": "0358-6321000",
    "answers": [
        {"question": "除尘系统为什么没有按期整改？", "answer": "设备采购延误，预计十二月上旬到货。"}
    ],
    "demands": [{"demand": "停用打磨车间，完成除尘系统改造", "deadline": "2026-12-15"}],
    "officers": OFFICERS,
}
LONG["talk_record"] = {
    **SHORT["talk_record"],
    "reason": MUCH * 4,
    "answers": [{"question": MUCH, "answer": MUCH * 5}] * 12,
    "demands": [{"demand": MUCH * 3, "deadline": "2026-12-15"}, {"demand": MUCH}] * 4,
}
SHORT["transfer_letter"] = {
    "addressee": "吕梁市生态环境局兴县分局",
    "matter": "涉嫌无证排放污染物",
    "found_on": "2026-11-18",
    "facts": "检查时发现打磨车间废气未经处理直接排放，现场不能提供排污许可证。",
    "basis": "《排污许可管理条例》第二条",
    "materials": [{"name": "现场检查记录", "count": 3}, {"name": "现场照片", "count": 6}],
    "contact": "白建国",
    "phone": "0358-6320000",
}
LONG["transfer_letter"] = {
    **SHORT["transfer_letter"],
    "matter": "涉嫌无证排放污染物并擅自拆除污染防治设施",
    "facts": "\n".join([MUCH * 5] * 6),
    "materials": [
        {"name": f"询问笔录（第{number}次）", "count": number} for number in range(1, 31)
    ],
    "copies": "兴县人民政府、兴县人民检察院",
}
SHORT["draw_record"], LONG["draw_record"] = DRAWING, {**DRAWING, "basis": MUCH * 3}


def drawing(many: int, name: str) -> dict[str, Any]:
    """Return what a record states of a draw with so many enterprises on its list."""
    return {
        "number": "1411-2026-1",
        "percent": 10,
        "load": 8,
        "pool": 12,
        "frozen_on": "2026-11-18",
        "committed_on": "2026-11-20",
        "roster": "7857b35f83b06ad14dbffd39239e3d5a19a15fa89b7dcfd5c0171caa63a74860",
        "commitment": "493bc412e443a0cec382f9630fdc016240ac0da11b708278cd531384f5dba52d",
        "rule": "2026年11月20日以后（不含当日）中国福利彩票“双色球”第一次开奖的期号和号码",
        "value": "2026134 03 07 12 19 25 31 09",
        "counties": [
            {"county": county, "whole": 60, "ordinary": 50, "drawn": 6, "full": 10}
            for county in ("兴县", "汾阳市")[:many]
        ],
        "targets": [
            {
                "name": name,
                "county": "兴县",
                "how": "full" if number % 3 else "drawn",
                "inspectors": "秦建国、秦晓梅",
            }
            for number in range(many)
        ],
        "officers": OFFICERS,
    }


def ranking(many: int) -> dict[str, Any]:
    """Return what a circular states of so many counties."""
    rule = rule_of(shipped_rules()[0])
    return {
        "version": rule.version,
        "basis": rule.basis,
        "since": "2026-01-01",
        "until": "2026-11-20",
        "measures": [
            {
                "title": str(one.title),
                "weight": one.weight,
                "part": str(one.part),
                "whole": str(one.whole),
                "empty": str(EMPTIES[one.empty]),
            }
            for one in rule.measures
        ],
        "counties": [
            {
                "rank": number + 1,
                "county": ("兴县", "汾阳市")[number % 2],
                "total": f"{96 - number}.67",
                "found": 12 * (number % 2),
                "sums": [{"count": "58/60", "points": "29.00"} for _one in rule.measures],
            }
            for number in range(many)
        ],
    }


FILLED = {"filler": "刘亚军", "filled_on": "2026-11-24"}
SHORT["campaign_statistics"] = FILLED
LONG["campaign_statistics"] = {**FILLED, "note": MUCH * 5}


def statistics(many: int, name: str) -> dict[str, Any]:
    """Return what the table of an office states of so many enterprises, laid out as it lays it."""
    table = table_of(shipped())
    thing = {
        "hazard": "煤气柜区未设置固定式一氧化碳报警装置",
        "spot": "煤气柜区",
        "measures": "停用煤气柜，加装报警装置后复产",
        "deadline": "2026-12-31",
        "state": "整改中",
    }
    reports = [
        Reported(
            number,
            number,
            name,
            number % 4 == 0,
            {column.key: number for column in table.figures(By.PLANT)},
            [thing] * (number % 3 if number % 7 else 9),
        )
        for number in range(1, many + 1)
    ]
    stated = {
        **total(table, (report.values for report in reports)),
        **{column.key: 60 for column in table.figures(By.OFFICE)},
    }
    figures = {key: {"computed": value, "value": None} for key, value in stated.items()}
    figures["funds"] = {"computed": stated["funds"], "value": 70000, "reason": "三家漏填后电话核实"}
    return stated_on(table, reports, figures) | {
        "title": shipped()["name"],
        "kind": "工作进展",
        "period": "2026年10月24日至2026年11月23日",
        "counted_on": "2026-11-24",
        "reported": f"已认可 {many} 家，其中零报告 {many // 4} 家",
        "missing": "、".join([name] * (many // 20)) or "无",
    }


def content(kind, answers: dict[str, Any], name: str = "") -> dict[str, Any]:
    """Return a paper's data, as its organ states them, checked against its schema."""
    subject = {**FACTS["@subject"], **({"name": name} if name else {})}
    drawn = drawing(40 if answers == LONG.get(kind.id) else 2, name or FACTS["@subject"]["name"])
    ranked = ranking(13 if answers == LONG.get(kind.id) else 2)
    many = 60 if answers == LONG.get(kind.id) else 2
    governs = not {"government_leader", "legality_reviewer"}.isdisjoint(
        role for signer in kind.signers for role in signer.roles
    )
    pattern = GOVERNMENT_PATTERN if governs else PATTERN
    known = {
        **FACTS,
        "@number": number_of(kind.pattern or pattern, "兴", kind.code, 2026, 1),
        "@organ": GOVERNMENT if governs else FACTS["@organ"],
        "@subject": subject,
        "@ranking": ranked,
        "@draw": drawn,
        "@statistics": statistics(many, name or FACTS["@subject"]["name"]),
        "@answers": answers,
    }
    data = gather(kind.schema, known)
    Draft202012Validator(kind.schema).validate(data)
    return data
