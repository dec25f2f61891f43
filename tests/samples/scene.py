"""Papers made at the plant, and what follows from a visit."""

from typing import Any

from tests.samples import CONTACT, FACTS, MUCH, OFFICERS, RARE, long

GOODS = [{"name": "中频炉", "quantity": "2台", "place": "熔炼车间"}]
SHORT: dict[str, dict[str, Any]] = {
    "expert_opinion": {
        "checked_on": "2026-11-20",
        "place": "打磨车间",
        "opinion": "除尘系统总体完好，未提出问题隐患",
        "expert": "白博学",
    },
    "interview": {
        "matter": "涉嫌未按规定设置除尘系统泄爆装置案",
        "round": 1,
        "asked_on": "2026-11-20",
        "span": "9时00分至9时40分",
        "place": "兴县应急管理局询问室",
        "person": "陈静",
        "person_unit": "兴县蔚汾特种铸造有限公司",
        "post": "主要负责人",
        "phone": "0358-6321000",
        "questions": [
            {"question": "打磨车间除尘系统何时安装？", "answer": "2019年3月安装。"},
            {"question": "是否设置泄爆装置？", "answer": "没有设置。"},
        ],
        "officers": OFFICERS,
    },
    "seizure": {
        "check_date": "2026-11-20",
        "facts": "熔炼车间使用国家明令淘汰的中频炉生产普碳钢铸件",
        "article": "《中华人民共和国安全生产法》第三十八条第三款",
        "measure": "seal",
        "approver": "白守正",
        "approved_on": "2026-11-20",
        "from_day": "2026-11-20",
        "to_day": "2026-12-19",
        "goods": GOODS,
        "keeper": "兴县蔚汾特种铸造有限公司",
        "officers": OFFICERS,
    },
    "seizure_extension": {
        "seizure_number": "（兴）应急查扣〔2026〕1号",
        "seizure_on": "2026-11-20",
        "measure": "seal",
        "from_day": "2026-11-20",
        "ends_on": "2026-12-19",
        "reason": "涉案中频炉的产能需要委托鉴定",
        "to_day": "2027-01-18",
        "officers": OFFICERS,
    },
    "seizure_release": {
        "seizure_number": "（兴）应急查扣〔2026〕1号",
        "seizure_on": "2026-11-20",
        "measure": "seal",
        "ground": "decided",
        "released_on": "2026-12-10",
        "goods": GOODS,
        "officers": OFFICERS,
    },
    "power_cut_notice": {
        "supplier": "国网山西省电力公司兴县供电公司",
        "order": "现场处理措施决定书（兴）应急现决〔2026〕1号",
        "order_on": "2026-11-18",
        "refusal": "11月19日夜间复查，熔炼车间仍在生产",
        "danger": "高温熔融金属吊运影响范围内有二十余人作业",
        "urgent": "no",
        "extent": "厂区10千伏专线全部生产用电",
        "keep": "保留消防、应急照明和炉体冷却水系统用电",
        **CONTACT,
    },
    "extension_reply": {
        "order_title": "责令限期整改指令书",
        "order_number": "（兴）应急责改〔2026〕1号",
        "order_on": "2026-11-20",
        "applied_on": "2026-12-15",
        "asked_because": "泄爆装置供货延迟",
        "asked_until": "2027-01-31",
        "extension": "refused",
        "opinion": "未落实整改期间的安全措施",
    },
    "supervision_removal": {
        "notice_number": "兴应急督〔2026〕1号",
        "notice_on": "2026-11-20",
        "hazard": "打磨车间除尘系统未设置泄爆装置",
        "applied_on": "2026-12-15",
        "reviewed_on": "2026-12-20",
        "opinion": "泄爆装置已经安装并经检测合格，隐患已消除",
        **CONTACT,
    },
    "resumption_consent": {
        "stopped_by": "现场处理措施决定书（兴）应急现决〔2026〕1号",
        "stopped_on": "2026-11-20",
        "applied_on": "2026-12-15",
        "reviewed_on": "2026-12-20",
        "points": [{"name": "除尘系统泄爆装置", "result": "已安装，检测合格"}],
        "extent": "打磨车间",
        **CONTACT,
    },
    "double_report": {
        "found_on": "2026-11-18",
        "hazards": [
            {
                "description": "除尘系统未设置泄爆装置",
                "place": "打磨车间",
                "criterion": "《工贸企业重大事故隐患判定标准》第十一条",
                "cause": "设计安装时未按规范配置",
            }
        ],
        "harm": "可能发生粉尘爆炸，造成群死群伤；整改需停产，难度较大",
        "goal": "完善控爆措施，消除重大事故隐患",
        "method": "委托有资质的单位设计、安装泄爆装置",
        "means": "安排资金四十万元",
        "people": "主要负责人负责，设备科实施",
        "schedule": "三十日内完成",
        "emergency": "治理期间打磨车间停产撤人，修订应急预案",
        "comply_by": "2026-12-20",
        "owner": "陈静",
        "bureau_report": "2026-11-20",
        "congress_report": "2026-11-20",
    },
    "tip_findings": {
        "tip_number": "兴举〔2026〕12号",
        "received_on": "2026-11-10",
        "channel": "phone",
        "content": "反映打磨车间粉尘大，没有防爆装置",
        "checked_on": "2026-11-12",
        "place": "打磨车间",
        "facts": "打磨车间除尘系统未设置泄爆装置",
        "evidence": "现场检查记录、照片六张",
        "conclusion": "founded",
        "opinion": "责令限期整改，并立案调查",
        "officers": OFFICERS,
    },
    "dismantling_record": {
        "decision": "关于依法关闭兴县蔚汾特种铸造有限公司的决定（兴政关决〔2026〕1号）",
        "from_day": "2026-11-18",
        "to_day": "2026-11-20",
        "place": "熔炼车间",
        "dismantler": "吕梁安拆工程有限公司",
        "qualification": "建筑施工总承包三级，安全生产许可证有效",
        "equipment": [
            {"name": "中频炉", "quantity": "1台", "way": "destroyed", "result": "炉体割除"}
        ],
        "safety": "断电挂牌上锁，清除炉内余料，设专人监护",
        "opinion": "设备已经拆除销毁，不具备恢复使用的条件",
        "officers": OFFICERS,
    },
    "acceptance_opinion": {
        "basis": "《2026年利用综合标准依法依规推动落后产能退出工作方案》",
        "accepted_on": "2026-11-20",
        "place": "兴县蔚汾特种铸造有限公司厂区",
        "members": [
            {"name": "白建国", "post": "兴县应急管理局监管科科长", "part": "组长"},
            {"name": "白志强", "post": "兴县应急管理局执法队员", "part": "成员"},
        ],
        "points": [{"object": "中频炉1台", "wanted": "拆除并销毁", "result": "pass"}],
        "conclusion": "pass",
        "opinion": "设备已经拆除销毁，同意通过验收",
        "officers": OFFICERS,
    },
}
LONG: dict[str, dict[str, Any]] = {
    "expert_opinion": {
        **SHORT["expert_opinion"],
        "expert": f"欧阳{RARE[:2]}",
        "expert_field": "粉尘防爆、金属冶炼和有限空间作业",
        "expert_unit": "山西省安全生产科学研究院正高级工程师",
        "opinion": long(MUCH * 3, 4),
        "advice": [
            {
                "description": f"第{number}号除尘器{MUCH}",
                "basis": "《粉尘防爆安全规程》（GB 15577-2018）第6.4.1条",
                "proposal": "停用该除尘器，加装泄爆片和隔爆阀，经检测合格后投入使用",
                "class": "major" if number % 3 else "general",
            }
            for number in range(1, 19)
        ],
    },
    "interview": {
        **SHORT["interview"],
        "round": 2,
        "person": f"司马{RARE[2:]}",
        "sex": "male",
        "identity": "14112319800101001X",
        "home": "山西省吕梁市兴县蔚汾镇东关街工业路小区3号楼2单元501室",
        "questions": [
            {
                "question": f"请说明第{number}号炉的生产和检修情况？",
                "answer": f"{FACTS}当班人员没有停炉。\n检修记录在车间保存。",
            }
            for number in range(1, 25)
        ],
    },
    "seizure": {
        **SHORT["seizure"],
        "facts": FACTS * 6,
        "measure": "both",
        "keeper": "兴县应急管理局委托兴县物资储备中心",
        "goods": [
            {
                "name": f"第{number}号中频感应电炉及配套电源柜、冷却水系统",
                "model": "GW-5T",
                "quantity": "1套",
                "place": "熔炼车间东跨",
                "state": "加贴封条，完好",
            }
            for number in range(1, 41)
        ],
    },
    "seizure_extension": {
        **SHORT["seizure_extension"],
        "measure": "both",
        "reason": MUCH * 14,
    },
    "seizure_release": {
        **SHORT["seizure_release"],
        "measure": "both",
        "ground": "other",
        "explained": MUCH * 5,
        "goods": [
            {
                "name": f"第{number}号中频感应电炉及配套电源柜、冷却水系统",
                "model": "GW-5T",
                "quantity": "1套",
                "place": "熔炼车间东跨",
                "state": "封条完好",
            }
            for number in range(1, 41)
        ],
    },
    "power_cut_notice": {
        **SHORT["power_cut_notice"],
        "account": "1412300012345678",
        "refusal": MUCH * 12,
        "danger": long(MUCH, 8),
        "urgent": "yes",
        "urgent_why": MUCH * 5,
        "extent": MUCH * 3,
        "keep": MUCH * 8,
    },
    "extension_reply": {
        **SHORT["extension_reply"],
        "asked_because": MUCH * 12,
        "extension": "granted",
        "extended_to": "2027-01-20",
        "opinion": MUCH * 4,
        "precautions": MUCH * 10,
    },
    "supervision_removal": {
        **SHORT["supervision_removal"],
        "hazard": MUCH * 20,
        "opinion": MUCH * 20,
        "copies": "蔚汾镇人民政府，县工业和信息化局，县发展和改革局，国网兴县供电公司，县总工会",
    },
    "resumption_consent": {
        **SHORT["resumption_consent"],
        "points": [
            {"name": f"第{number}项重大事故隐患：{MUCH}", "result": f"已整改，现场核实。{MUCH}"}
            for number in range(1, 21)
        ],
        "extent": MUCH * 3,
        "conditions": MUCH * 8,
    },
    "double_report": {
        **SHORT["double_report"],
        "hazards": [
            {
                "description": MUCH * 2,
                "place": f"第{number}车间",
                "criterion": "《工贸企业重大事故隐患判定标准》第十一条第（一）项",
                "cause": "设计安装时未按规范配置，改造计划多次推迟",
            }
            for number in range(1, 9)
        ],
        "harm": MUCH * 12,
        **{name: long(MUCH, 4) for name in ("goal", "method", "means", "people", "schedule")},
        "emergency": long(MUCH, 6),
        "owner": f"陈{RARE[2]}{RARE[3]}",
    },
    "tip_findings": {
        **SHORT["tip_findings"],
        "channel": "transferred",
        "content": MUCH * 20,
        "facts": MUCH * 60,
        "evidence": MUCH * 8,
        "conclusion": "partly",
        "opinion": MUCH * 10,
        "reply": "已于核查结束后五日内电话答复举报人，举报人无异议",
    },
    "dismantling_record": {
        **SHORT["dismantling_record"],
        "equipment": [
            {
                "name": f"第{number}号中频感应电炉及配套电源柜、冷却水系统",
                "model": "GW-5T",
                "quantity": "1套",
                "way": ("destroyed", "dismantled", "sealed")[number % 3],
                "result": "炉体切割解体，电源柜拆除，照片六张存档",
            }
            for number in range(1, 41)
        ],
        "safety": long(MUCH, 6),
        "rest": MUCH * 6,
        "opinion": MUCH * 8,
    },
    "acceptance_opinion": {
        **SHORT["acceptance_opinion"],
        "members": [
            {
                "name": f"白{RARE[number % 4]}",
                "post": "吕梁市工业和信息化局产业政策科四级调研员",
                "part": "组长" if not number else "成员",
            }
            for number in range(12)
        ],
        "points": [
            {
                "object": f"第{number}号中频感应电炉及配套电源柜",
                "wanted": "炉体、电源柜、变压器全部拆除并销毁，场地清理完毕",
                "result": "fail" if number % 5 == 0 else "pass",
                **({"note": "电源柜尚未拆除"} if number % 5 == 0 else {}),
            }
            for number in range(1, 41)
        ],
        "conclusion": "deadline",
        "until": "2026-12-20",
        "opinion": MUCH * 12,
    },
}
