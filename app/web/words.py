"""What is kept as a key, in words: acts in a history, messages, states."""

from collections.abc import Mapping

from app.domain.history import Stream
from app.domain.text import T, Text

STREAMS: Mapping[Stream, Text] = {
    Stream.CASE: T("案件"),
    Stream.ENTERPRISE: T("企业"),
    Stream.ORGANISATION: T("单位"),
    Stream.ACCOUNT: T("用户"),
    Stream.INSTALLATION: T("系统"),
}
# Every act that a history can hold, by what it was done to.
ACTS: Mapping[Stream, Mapping[str, Text]] = {
    Stream.CASE: {
        "case.start": T("启动案件"),
        "case.deadline": T("确定、调整整改期限"),
        "case.finish": T("案件办结"),
        "case.cancel": T("终止案件"),
        "task.claim": T("签收"),
        "task.release": T("退签"),
        "task.complete": T("办理"),
        "task.return": T("退回"),
        "task.transfer": T("转办"),
        "task.urge": T("催办"),
        "task.remind": T("期限提醒"),
        "task.overdue": T("超过期限"),
        "document.issue": T("编号制作文书"),
        "document.redate": T("更改文书日期"),
        "document.register": T("登记文书文件"),
        "document.sign": T("签署文书"),
        "document.receive": T("收到文书"),
        "document.answer": T("答复文书"),
        "document.serve": T("送达文书"),
        "document.void": T("文书作废"),
        "timer.fire": T("时限到期"),
        "effect.resume": T("处理结果返回"),
        "deadline.recount": T("期限重新计算"),
        "campaign.admit": T("补充纳入企业"),
        "campaign.move": T("调整专项行动日程"),
        "campaign.retry": T("重新启动未能启动的企业"),
        "incident.open": T("登记故障"),
        "incident.retry": T("故障重试"),
        "incident.close": T("故障处理完毕"),
    },
    Stream.ENTERPRISE: {
        "enterprise.create": T("录入企业台账"),
        "enterprise.update": T("修改企业信息"),
        "enterprise.contact": T("企业更新联系方式"),
        "enterprise.card": T("黄红牌变动"),
        "enterprise.life": T("状态变动"),
        "enterprise.blacklist": T("严重失信名单变动"),
        "enterprise.worry": T("不放心企业变动"),
    },
    Stream.ORGANISATION: {
        "organisation.create": T("建立了单位"),
        "organisation.update": T("修改了单位信息"),
        "organisation.close": T("停用了单位"),
        "organisation.open": T("启用了单位"),
        "papers.set": T("修改了文书设置"),
        "import.confirm": T("确认导入企业名单"),
        "import.finish": T("完成企业名单导入"),
    },
    Stream.ACCOUNT: {
        "account.create": T("建立了用户"),
        "account.update": T("修改了基本信息"),
        "account.close": T("停用了用户"),
        "account.open": T("启用了用户"),
        "password.change": T("修改了密码"),
        "password.reset": T("重设了密码"),
        "password.refuse": T("核对密码未通过"),
        "pin.change": T("修改了签名口令"),
        "pin.release": T("解除了签名口令"),
        "pin.refuse": T("核对签名口令未通过"),
        "role.add": T("增加了岗位"),
        "role.remove": T("取消了岗位"),
        "deputy.name": T("指定了代理人"),
        "deputy.end": T("收回了授权"),
        "session.open": T("已登录"),
        "token.open": T("获取了接口令牌"),
        "session.refuse": T("登录未通过"),
        "session.close": T("已退出登录"),
        "key.make": T("生成了签名证书"),
        "key.revoke": T("撤销了签名证书"),
        "history.export": T("导出了操作记录"),
        "enterprise.export": T("导出了企业台账"),
        "hazard.export": T("导出了隐患台账"),
    },
    Stream.INSTALLATION: {
        "installation.create": T("建立了系统"),
        "division.create": T("增设了区划"),
        "zone.create": T("增设了开发区"),
        "calendar.publish": T("公布了工作日历"),
        "clock.advance": T("拨动了演示时钟"),
        "procedure.deploy": T("部署了流程"),
        "checklist.publish": T("发布了检查清单"),
        "checklist.retire": T("停用了检查清单"),
        "term.add": T("新增了台账词条"),
        "term.update": T("修改了台账词条"),
        "term.move": T("调整了台账词条的顺序"),
        "term.retire": T("停用了台账词条"),
        "term.open": T("启用了台账词条"),
        "term.remove": T("删除了台账词条"),
    },
}
ACTIONS: Mapping[str, Text] = {act: words for acts in ACTS.values() for act, words in acts.items()}
MESSAGES: Mapping[str, Text] = {
    "rectification_due": T("整改期限将至，请抓紧整改并申请复查"),
    "rectification_overdue": T("整改期限已过，尚未申请复查"),
    "plan_overdue": T("整改方案逾期未报"),
    "self_inspection_due": T("自查期限将至，请抓紧完成自查并填报"),
    "report_overdue": T("逾期未报送，请尽快填报"),
    "self_inspection_overdue": T("企业逾期未完成自查，已列为不放心企业"),
    "expert_opinion_late": T("专家检查意见逾期未出具，请催办"),
    "major_decision_late": T("立案已满九十日，尚未作出决定"),
    "hazards_left": T("未跟进的隐患超过本案所能跟进的项数，其余隐患请另行启动案件"),
    "power_not_cut": T("供电单位逾期未停止供电，请催办"),
    "closure_not_accepted": T("提请关闭的请示逾期未受理，请催询"),
    "closure_legality_late": T("提请关闭的请示逾期未完成合法性审查，请催询"),
    "closure_decision_late": T("人民政府逾期未作出是否关闭的决定，请催询"),
    "closure_unanswered": T("提请关闭已满六十日，人民政府尚未答复"),
    "task_transferred": T("同事将此事项转交您办理"),
    "task_urged": T("此事项被催办，请尽快办理"),
    "task_due_soon": T("此事项期限将至，请抓紧办理"),
    "task_overdue": T("此事项已超过期限，请立即办理"),
}
STATUSES: Mapping[str, Text] = {
    "running": T("办理中"),
    "finished": T("已办结"),
    "cancelled": T("已终止"),
}
WAITS: Mapping[str, Text] = {
    "timer": T("等待时限"),
    "message": T("等待消息"),
    "effect": T("等待处理结果"),
}
BOXES: Mapping[str, Text] = {
    "todo": T("待办"),
    "done": T("已办"),
    "started": T("我发起的"),
    "supervised": T("督办"),
}
OPERATIONS: Mapping[str, Text] = {
    "complete": T("提交"),
    "draft": T("暂存"),
    "claim": T("签收"),
    "release": T("退签"),
    "return": T("退回"),
    "transfer": T("转办"),
    "urge": T("催办"),
}
MANNERS: Mapping[str, Text] = {
    "direct": T("直接送达"),
    "left": T("留置送达"),
    "mail": T("邮寄送达"),
    "electronic": T("电子送达"),
    "entrusted": T("委托送达"),
    "notice": T("公告送达"),
}
RECEIPTS: Mapping[str, Text] = {
    "signed": T("已签收"),
    "refused": T("拒绝签收"),
    "not_present": T("无需当面签收"),
}
# What an administrator can do about an error, by its kind.
FAULTS: Mapping[str, Text] = {
    "PapersOff": T("文书组件没有装好，请运维人员执行 python3 manage.py papers 后重试。"),
    "MissingGlyphs": T("文书中有字库里没有的字，请改用其他写法后重新办理。"),
    "OSError": T("文件不能读写，请运维人员检查磁盘空间和权限后重试。"),
}
