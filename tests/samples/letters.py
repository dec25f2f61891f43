"""Official letters: to partners, of the government, to offices below and above."""

from typing import Any

from tests.samples import CONTACT, FACTS, MUCH, RARE

PLANT = "兴县蔚汾特种铸造有限公司"
TEXT = "\n".join(
    (
        "一、基本情况",
        MUCH * 6,
        "二、有关要求",
        "（一）严格执行时限",
        MUCH * 8,
        "（二）按时反馈",
        MUCH * 6,
    )
)
ANNEXES = [{"name": f"第{number}号行政处罚决定书、送达回证和现场照片"} for number in range(1, 5)]
COPIES = "吕梁市应急管理局，兴县人民政府办公室，兴县发展和改革局"
REQUEST = "《兴县应急管理局关于提请关闭兴县蔚汾特种铸造有限公司的请示》（兴应急发〔2026〕1号）"
SHORT: dict[str, dict[str, Any]] = {
    "partner_letter": {
        "title": f"关于商请对{PLANT}执行差别电价的函",
        "addressee": "兴县发展和改革局",
        "about": "price",
        "body": "该企业存在重大事故隐患，逾期未完成整改，已列入红牌企业名单。商请对该企业执行差别电价。",
        **CONTACT,
    },
    "closure_decision": {
        "title": f"关于依法关闭{PLANT}的决定",
        "request": REQUEST,
        "facts": FACTS,
        "evidence": "责令停产停业整顿决定书、送达回证、现场检查记录",
        "basis": "《中华人民共和国安全生产法》第一百一十三条第四项",
        "statement": "当事人未提出陈述、申辩，未要求听证",
        "content": f"{PLANT}全部生产场所和设施",
        "until": "2026-12-20",
        "duties": "县应急管理局负责监督拆除；供电公司负责停止供电",
    },
    "closure_notice": {
        "title": f"关于拟依法关闭{PLANT}的告知书",
        "request": REQUEST,
        "facts": FACTS,
        "evidence": "责令停产停业整顿决定书、送达回证、现场检查记录",
        "basis": "《中华人民共和国安全生产法》第一百一十三条第四项",
        "content": f"{PLANT}全部生产场所和设施",
        "contact": "白承办，0358-6321100",
    },
    "closure_hearing": {
        "title": f"关于举行拟关闭{PLANT}听证的通知",
        "hearing_on": "2026-12-15",
        "time": "上午9时",
        "place": "兴县人民政府二楼会议室",
        "public": "public",
        "host": "白依法",
        "recorder": "白协理",
        "contact": "白承办，0358-6321100",
    },
    "closure_record": {
        "matter": f"拟依法关闭{PLANT}一案",
        "held_on": "2026-11-20",
        "span": "9时00分至10时30分",
        "place": "兴县人民政府二楼会议室",
        "public": "public",
        "host": "白依法",
        "recorder": "白协理",
        "people": "法定代表人陈静，委托代理人李律师",
        "handlers": "兴县应急管理局白建国、白志强",
        "course": "承办人员：提出违法事实、证据和关闭的建议。\n当事人：请求给予整改的期限。",
    },
    "resumption_reply": {
        "title": f"关于{PLANT}恢复生产的批复",
        "addressee": "兴县应急管理局",
        "request": "《关于兴县蔚汾特种铸造有限公司复产的请示》（兴应急发〔2026〕2号）",
        "answer": "agreed",
        "assessment": "山西安评技术有限公司《安全现状评价报告》（晋安评〔2026〕18号）",
        "body": "该企业符合产业政策，安全生产条件经第三方评估合格。",
    },
    "notice": {
        "title": "关于做好冬季安全生产工作的通知",
        "addressee": "各乡镇人民政府，蔡家崖开发区管委会",
        "body": "请结合实际，认真做好冬季安全生产检查和值班值守工作。",
        **CONTACT,
    },
    "survey_report": {
        "title": "关于蔡家崖开发区安全生产情况的调研报告",
        "addressee": "吕梁市应急管理局",
        "profile": "开发区面积12平方公里，入驻企业36家，从业人员2100人。",
        "safety": "涉爆粉尘企业3家，重大危险源2处，均已建立档案。",
        "problems": "专职安全监管人员不足，部分企业双重预防机制运行不到位。",
        "proposals": "充实监管力量，完善开发区应急预案。",
    },
    "accident_flash": {
        "addressee": "兴县人民政府、吕梁市应急管理局",
        "serial": 1,
        "occurred_on": "2026-11-20",
        "occurred_at": "07:40",
        "place": "打磨车间",
        "told_on": "2026-11-20",
        "told_at": "08:05",
        "sort": "mechanical",
        "dead": 0,
        "missing": 0,
        "injured": 1,
        "hurt": 0,
        "profile": "从业人员120人，生产特种铸件",
        "course": "打磨工被传送带卷入，右臂受伤",
        "measures": "伤员已送医，车间停产，现场封闭",
        **CONTACT,
    },
}
LONG: dict[str, dict[str, Any]] = {
    "partner_letter": {
        **SHORT["partner_letter"],
        "about": "other",
        "basis": "《山西省淘汰落后产能工作实施方案》和兴县人民政府专题会议纪要〔2026〕12号",
        "body": TEXT,
        "reply_by": "2026-12-10",
        "annexes": ANNEXES,
        "copies": COPIES,
    },
    "closure_decision": {
        **SHORT["closure_decision"],
        "facts": "\n".join([FACTS * 2] * 6),
        "evidence": MUCH * 16,
        "statement": f"委托代理人陈{RARE}提出申辩：{MUCH * 6}",
        "content": MUCH * 5,
        "duties": "\n".join(["县应急管理局：" + MUCH * 2, "国网兴县供电公司：" + MUCH * 2] * 3),
    },
    "closure_notice": {
        **SHORT["closure_notice"],
        "facts": "\n".join([FACTS * 2] * 6),
        "evidence": MUCH * 16,
        "content": MUCH * 5,
        "contact": f"兴县人民政府办公室综合一科陈{RARE}，0358-6321100，周一至周五上午8时至12时",
    },
    "closure_hearing": {
        **SHORT["closure_hearing"],
        "place": "吕梁市兴县蔚汾镇东关街兴县人民政府办公楼二楼东侧大会议室（原兴县会议中心旧址）"
        * 2,
        "public": "closed",
        "host": f"白{RARE}",
    },
    "closure_record": {
        **SHORT["closure_record"],
        "public": "closed",
        "people": "法定代表人陈静，委托代理人山西某某律师事务所律师" * 6,
        "handlers": "兴县应急管理局工贸行业安全监督管理科白建国、白志强" * 4,
        "course": "\n".join(
            f"{who}：{FACTS}{MUCH}" for who in ("承办人员", "当事人", "代理人", "主持人") * 7
        ),
    },
    "resumption_reply": {
        **SHORT["resumption_reply"],
        "answer": "refused",
        "body": TEXT,
        "copies": COPIES,
    },
    "notice": {
        **SHORT["notice"],
        "title": "关于转发《山西省应急管理厅关于加强冬季工贸行业安全生产工作的通知》的通知",
        "relayed": "《山西省应急管理厅关于加强冬季工贸行业安全生产工作的通知》（晋应急发〔2026〕88号）",
        "body": TEXT,
        "reply_by": "2026-12-10",
        "reply_what": "贯彻落实情况和联络员名单",
        "annexes": ANNEXES,
        "copies": COPIES,
    },
    "survey_report": {
        **SHORT["survey_report"],
        "profile": TEXT.replace("一、", "（一）").replace("二、", "（二）"),
        "safety": MUCH * 12,
        "problems": MUCH * 12,
        "proposals": f"由白{RARE}牵头。{MUCH * 12}",
        "figures": [
            {
                "name": f"第{number}类企业数量和从业人员数量",
                "value": f"{number * 7}家、{number * 93}人",
            }
            for number in range(1, 41)
        ],
    },
    "accident_flash": {
        **SHORT["accident_flash"],
        "serial": 3,
        "sort": "explosion",
        "dead": 2,
        "missing": 1,
        "injured": 3,
        "hurt": 11,
        "loss": 260.5,
        "profile": MUCH * 10,
        "course": MUCH * 30,
        "measures": MUCH * 16,
        "more": f"家属联络人{RARE}，{MUCH * 8}",
    },
}
