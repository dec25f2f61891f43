"""The procedures of the field by id, built or not, so that a hand-over can name what it is for."""

from collections.abc import Mapping

from app.domain.text import T, Text

PROCEDURES: Mapping[str, Text] = {
    "notice_relay": T("通知转发签收"),
    "baseline_survey": T("摸底排查"),
    "zone_survey": T("开发区调查摸底"),
    "self_inspection": T("企业自查自纠"),
    "county_inspection": T("县级全面检查"),
    "city_spot_check": T("市级督查抽查"),
    "spot_check_visit": T("抽查检查"),
    "look_back": T("回头看"),
    "rectification": T("隐患整改闭环"),
    "stop_production": T("停产停业整顿与黄牌"),
    "closure_request": T("红牌与提请政府关闭"),
    "closure_execution": T("关闭执行"),
    "acceptance": T("考核验收"),
    "resume_production": T("复产审核"),
    "idle_patrol": T("停产企业巡查"),
    "tip": T("举报核查"),
    "price_measures": T("差别化价格与联合惩戒函"),
    "periodic_report": T("定期报送"),
    "statistics_report": T("汇总报送"),
    "accountability": T("约谈通报与追责"),
    "blacklist": T("严重失信名单"),
    "accident_report": T("事故直报"),
    "penalty": T("行政处罚"),
}
ISSUE_PAPER = "issue_paper"
"""The one that makes papers of the kinds that no other makes; no procedure of the field."""
