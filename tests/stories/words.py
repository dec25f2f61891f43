"""What the people of a story write where a form asks for words: invented, and worth reading."""

PLANT = "兴县蔚汾特种铸造有限公司（演示）"

# By the field, wherever it is asked.
FIELDS = {
    "people": "主要负责人、安全科长、各车间主任、班组长",
    "goal": "限期消除隐患，恢复安全生产条件",
    "method": "委托有资质的单位设计施工，逐项验收后方可恢复使用",
    "means": "安全费用中列支，设备和材料已签订采购合同",
    "schedule": "十日内完成设计和采购，二十日内完成施工，期满前五日企业自行验收",
    "emergency": "整改期间停止相关作业，设专人值守，配备便携式检测仪和应急救援器材",
    "harm": "吊运中脱钩可致钢水倾覆，造成群死群伤；更换吊具须停炉，难度较大",
    "cause": "起重机为旧设备改造，选型时未按吊运熔融金属配置",
    "told": "班前会逐班通报，并在信息公示栏公示",
    "opinion": "事实清楚，证据充分，程序合法，同意",
    "check_place": "熔炼车间、浇注平台、煤气柜区",
    "precautions": "整改期间停止煤气柜区动火作业，设专人值守，加强巡检",
    "served_at": "兴县蔚汾镇工业路 1 号办公楼",
    "receiver": "白厂长（演示）",
    "receiver_post": "主要负责人",
    "place": "熔炼车间、浇注平台、煤气柜区",
    "basis": "《中华人民共和国安全生产法》第六十五条",
    "supervision_leader": "白永刚（演示）",
    "result": "已按方案整改完毕，经企业自行验收合格",
    "self_check": "逐项验收合格，具备安全生产条件",
    "note": "现场核查，情况属实",
    "reason": "同意拟作出的决定，事实清楚，依据充分",
    "arrived_at": "9 时 10 分",
    "person": "白厂长（演示）",
    "post": "主要负责人",
    "span": "9 时 10 分至 11 时 40 分",
    "summary": "检查熔炼车间、浇注平台、煤气柜区和除尘系统，查阅设备档案、检测报告和培训记录，发现的问题逐项列明。",
    "facts": "检查发现煤气柜区一氧化碳报警装置失灵，责令限期整改后复查仍未恢复使用。",
    "criterion": "《工贸企业重大事故隐患判定标准》第四条第二项",
    "violated": "《中华人民共和国安全生产法》第三十六条第二款",
    "order_number": "（兴）应急责改〔2026〕2号",
    "extent": "熔炼、浇注全部工序",
    "contact": "白建国（演示），0358-6321000",
    "published_where": "兴县人民政府门户网站",
    "leader": "白永刚（演示）",
    "owner": "张伟",
    "doer": "王芳",
    "checker": "陈静",
    "removal": "企业自行验收合格后书面申请，十日内现场审查，合格的解除督办",
    "evidence": "现场检查记录、责令限期整改指令书及送达回证、整改复查意见书、现场照片",
    "attending": "承办人白建国、白志强，法制审核人员白文博（均为演示）",
    "matter": "涉嫌未按要求消除事故隐患",
    "name": "现场检查记录及照片",
    "proves": "报警装置失灵、整改后复查仍不合格的事实",
    "discretion": "逾期未改正且存在现实危险，适用较重档次",
    "statement": "企业称检测单位排期延误，请求宽限；经复核不影响违法事实的认定，不予采纳。",
    "time": "上午 9 时",
    "recorder": "白晓梅（演示）",
    "course": "承办人提出事实、证据和拟处罚意见，企业陈述申辩并质证，双方作最后陈述。",
    "claims": "承办人认为逾期未整改的事实清楚；企业请求宽限整改时间。",
    "findings": "报警装置失灵、整改后复查仍不合格的事实，有检查记录、复查意见书和照片证实。",
    "report": "违法事实清楚，证据确实充分，程序合法，建议按拟定意见作出决定。",
    "conclusion": "一致同意责令停产停业整顿。",
    "where": "兴县人民政府门户网站行政执法公示栏",
    "explanation": "所填文号有误，补充已送达的决定书及送达回证后重新核对",
    "refusal": "决定送达后企业仍组织熔炼作业，现场有录像和用电记录为证。",
    "title": "关于提请关闭兴县蔚汾特种铸造有限公司的请示",
    "addressee": "兴县人民政府",
    "signatory": "白守正",
    "body": (
        "兴县蔚汾特种铸造有限公司（演示）经责令限期整改、责令停产停业整顿，仍拒不执行停产停业整顿决定，"
        "继续组织熔炼作业，存在重大生产安全事故风险。我局已依法履行立案、告知、听证、法制审核和集体讨论"
        "程序，决定书已经送达。"
    ),
    "received_by": "白承办（演示）",
    "docket": "兴政收〔2026〕118号",
    "paper_number": "（兴）应急停恢〔2026〕1号",
    "wanted": "请补充停产停业整顿期间的用电记录和现场检查影像",
    "meeting": "县人民政府常务会议",
    "minutes": "县应急管理局汇报，司法局说明合法性审查意见，与会人员逐一发表意见，一致同意关闭。",
    "department": "兴县工业和信息化局",
    "measures": "停止供电供水，吊销有关证照，拆除并销毁熔炼设备，妥善安置职工。",
    "content": "企业全部生产场所、设施和设备",
}
# Where a field means something else at one task.
AT: dict[str, dict[str, str]] = {
    "gather": {"facts": "企业拒不执行停产停业整顿决定，继续组织熔炼作业。"},
    "draft_request": {
        "name": "责令停产停业整顿决定书及送达回证",
    },
    "draft_card": {"basis": "《中华人民共和国安全生产法》第七十八条和专项行动工作方案"},
    "hearing_call": {"place": "兴县应急管理局二楼听证室"},
    "major_decision_name_panel": {"place": "兴县应急管理局三楼会议室"},
    "name_panel": {"place": "兴县应急管理局三楼会议室"},
    "hearing_hold": {
        "people": "企业主要负责人白厂长（演示），委托代理人、律师白正方（演示）",
        "span": "9时00分至10时40分",
    },
    "hearing_report": {"opinion": "违法事实清楚，证据确实充分，程序合法，建议按拟定意见作出决定。"},
    "closure_government_propose": {
        "summary": "请示依据充分，证据齐全，合法性审查通过，建议提交常务会议集体讨论。"
    },
    "gate_deployment": {
        "conclusion": "召开动员会，方案传达到每个车间和班组，企业均已制定实施方案。"
    },
    "gate_self": {"conclusion": "企业主要负责人带队自查，隐患逐项建账，重大隐患均已“双报告”。"},
    "gate_county": {
        "conclusion": "对直接监管的企业逐一检查，对照自查台账核实整改，依法下达执法文书。"
    },
    "gate_city": {"conclusion": "配合市局督查抽查，反馈的问题依法办理，整改结果按期上报。"},
    "gate_look_back": {"conclusion": "逐项核实隐患整改，未到位的督促补课达标。"},
    "conclude": {"conclusion": "各阶段工作已经完成，同意结束专项行动，在办案件继续办理。"},
    "campaign_summary_draft": {
        "problems": "个别企业主体责任落实不到位，隐患整改进度偏慢；有限空间、煤气等重点环节仍须加强。",
        "plans": "对尚未销号的隐患逐项督促整改，对停产和关闭企业加强巡查，防止反弹。",
    },
    "sign_request": {"opinion": "同意报送"},
}


def words(node, field):
    """Return what is written in a field of a task; None if a story has no words for it."""
    return AT.get(node, {}).get(field, FIELDS.get(field))
