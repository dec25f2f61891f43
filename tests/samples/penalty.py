"""Papers of a penalty, from the opening of the case to its closing."""

from typing import Any

from tests.samples import CONTACT, FACTS, MUCH, OFFICERS, RARE, long

ARTICLE = "《中华人民共和国安全生产法》第三十六条第一款"
PENALTY = "《中华人民共和国安全生产法》第九十九条第二项"
MATTER = "未按规定设置除尘系统泄爆装置案"
ACCOUNT = {
    "bank": "中国农业银行兴县支行",
    "account": "兴县财政局非税收入专户 0440 0101 0400 0123 4",
}
DECISION = {
    "decision": "（兴）应急罚〔2026〕1号",
    "decided_on": "2026-10-08",
}
SERVED = {**DECISION, "decision_served_on": "2026-10-09"}
SHORT: dict[str, dict[str, Any]] = {
    "case_filing": {
        "matter": MATTER,
        "source": "inspection",
        "found_on": "2026-11-20",
        "facts": FACTS,
        "article": ARTICLE,
        "penalty_article": PENALTY,
        "officers": OFFICERS,
    },
    "investigation_report": {
        "matter": MATTER,
        "from_day": "2026-11-02",
        "to_day": "2026-11-20",
        "facts": FACTS,
        "evidence": [{"name": "现场检查记录", "proves": "打磨车间除尘系统未设置泄爆装置"}],
        "article": ARTICLE,
        "penalty_article": PENALTY,
        "discretion": "首次被发现，按照较轻情形处理",
        "proposal": "none",
        "officers": OFFICERS,
    },
    "penalty_notice": {
        "facts": FACTS,
        "evidence": "现场检查记录、询问笔录、照片六张",
        "article": ARTICLE,
        "penalty_article": PENALTY,
        "content": "罚款人民币30,000元",
        **CONTACT,
    },
    "penalty_decision": {
        "facts": FACTS,
        "evidence": "现场检查记录、询问笔录、照片六张",
        "article": ARTICLE,
        "statement": "你单位未提出陈述、申辩",
        "penalty_article": PENALTY,
        "discretion": "首次被发现，按照较轻情形处理",
        "content": "警告",
    },
    "hearing_record": {
        "matter": MATTER,
        "held_on": "2026-11-20",
        "span": "9时00分至10时30分",
        "place": "兴县应急管理局二楼会议室",
        "public": "public",
        "host": "白公明",
        "recorder": "白晓梅",
        "people": "法定代表人陈静，委托代理人李律师",
        "course": "调查人员：提出违法事实、证据和处罚建议。\n当事人：对事实没有异议，请求从轻处罚。",
        "officers": OFFICERS,
    },
    "hearing_report": {
        "matter": MATTER,
        "held_on": "2026-11-20",
        "place": "兴县应急管理局二楼会议室",
        "host": "白公明",
        "people": "法定代表人陈静，调查人员白建国、白志强",
        "claims": "当事人对事实没有异议，请求从轻处罚",
        "findings": "违法事实清楚，证据确实充分",
        "opinion": "建议按照拟作出的处罚决定处理",
    },
    "case_closing": {
        "matter": MATTER,
        "filing": "（兴）应急立〔2026〕1号",
        "filed_on": "2026-09-01",
        "result": "none",
        "facts": "违法行为轻微并及时改正，没有造成危害后果，不予行政处罚",
        "officers": OFFICERS,
    },
    "reminder": {**SERVED, "duty": "停止使用淘汰的中频炉", **CONTACT},
    "court_application": {
        **SERVED,
        "content": "罚款人民币30,000元",
        "reminder": "（兴）应急催〔2026〕1号",
        "reminded_on": "2026-11-02",
        "performance": "未缴纳罚款，未申请行政复议，未提起行政诉讼",
        "request": "罚款人民币30,000元和加处的罚款30,000元",
        "annexes": [{"name": "行政处罚决定书和送达回证"}],
        **CONTACT,
    },
    "blacklist_decision": {
        **DECISION,
        "facts": "拒不执行停产停业整顿决定，擅自恢复生产",
        "basis": "《安全生产严重失信主体名单管理办法》",
        "notified_on": "2026-11-10",
        "statement": "你单位未提出陈述、申辩",
        "from_day": "2026-11-20",
        "to_day": "2029-11-19",
        "measures": "向社会公示，作为重点监管对象",
        **CONTACT,
    },
}
LONG: dict[str, dict[str, Any]] = {
    "case_filing": {**SHORT["case_filing"], "facts": MUCH * 40, "article": ARTICLE * 4},
    "investigation_report": {
        **SHORT["investigation_report"],
        "facts": long(FACTS * 3, 8),
        "interviews": [
            {"person": f"白{RARE[number]}", "post": "熔炼车间主任", "on": "2026-11-10"}
            for number in range(4)
        ],
        "evidence": [
            {"name": f"第{number}组现场照片和视频资料光盘", "proves": MUCH}
            for number in range(1, 31)
        ],
        "discretion": MUCH * 6,
        "proposal": "penalty",
        "content": "责令限期改正，对单位罚款人民币30,000元，对直接负责的主管人员罚款人民币10,000元",
    },
    "penalty_notice": {
        **SHORT["penalty_notice"],
        "person": f"陈{RARE[2:]}",
        "person_post": "主要负责人",
        "facts": long(FACTS * 3, 8),
        "evidence": MUCH * 20,
        "content": long("罚款人民币10,000元，" + MUCH, 4),
    },
    "penalty_decision": {
        **SHORT["penalty_decision"],
        "person": f"陈{RARE[2:]}",
        "person_post": "主要负责人",
        "identity": "14112319800101001X",
        "facts": long(FACTS * 3, 8),
        "evidence": MUCH * 20,
        "statement": MUCH * 10,
        "discretion": MUCH * 6,
        "content": "罚款人民币叁万元整。\n责令限期改正违法行为。",
        "fine": 30000,
        **ACCOUNT,
    },
    "hearing_record": {
        **SHORT["hearing_record"],
        "public": "closed",
        "people": "法定代表人陈静，委托代理人山西某某律师事务所律师" * 6,
        "course": "\n".join(
            f"{who}：{FACTS}{MUCH}" for who in ("调查人员", "当事人", "代理人", "主持人") * 7
        ),
    },
    "hearing_report": {
        **SHORT["hearing_report"],
        "claims": long(MUCH * 3, 6),
        "findings": long(MUCH * 3, 6),
        "opinion": MUCH * 16,
    },
    "case_closing": {
        **SHORT["case_closing"],
        "result": "executed",
        **DECISION,
        "facts": MUCH * 40,
        "execution": MUCH * 18,
    },
    "reminder": {
        **SHORT["reminder"],
        "duty": long(MUCH, 10),
        "fine": 30000,
        "surcharge": 30000,
        **ACCOUNT,
    },
    "court_application": {
        **SHORT["court_application"],
        "content": long(MUCH, 10),
        "performance": MUCH * 12,
        "request": MUCH * 12,
        "annexes": [
            {"name": f"第{number}组证据：现场照片、询问笔录和视频资料光盘"}
            for number in range(1, 31)
        ],
    },
    "blacklist_decision": {
        **SHORT["blacklist_decision"],
        "facts": MUCH * 30,
        "statement": MUCH * 12,
        "measures": long(MUCH, 8),
    },
}
