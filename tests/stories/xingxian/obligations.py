"""What the notice orders, each with what the server knows of how it was done."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.stories.xingxian.action import CITY, LEADER


@dataclass(frozen=True)
class Obligation:
    """What the notice orders, and what tells that it was done."""

    clause: str
    text: str
    told: Callable

    def __call__(self, action):
        return f"{self.clause} {self.text}：{self.told(action)}"


def _group(action):
    lines = action.story.get(f"/cases/{action.case}/history")["items"]
    task = next(line["detail"]["task"] for line in lines if line["node"] == "fix_scope")
    return f"{len(action.story.get(f'/tasks/{task}', LEADER)['answers']['group'])} 人"


def _members(action):
    known = len(action.all("/enterprises"))
    return f"名录内 {known} 家，纳入 {action.view()['members']} 家"


def _major(action):
    found = action.all("/hazards?class=major")
    papers = Counter(
        paper["kind"]
        for row in action.all("/cases?procedure=stop_production")
        for paper in action.story.case(row["id"])["documents"]
        if paper["state"] != "void"
    )
    own = len(action.all("/hazards?class=major&found_by=plant"))
    return (
        f"重大隐患 {len(found)} 项，企业自查上报 {own} 项，"
        f"挂牌督办通知书 {papers['supervision_notice']} 份"
    )


def _batch(name):
    def told(action):
        found = [row for row in action.batches() if row["name"] == name]
        return f"{sum(row['done'] for row in found)}/{sum(row['total'] for row in found)} 家"

    return told


def _self(action):
    worrisome = len(action.all("/enterprises?flag=worrisome"))
    return f"{_batch('启动企业自查自纠')(action)}，不放心企业 {worrisome} 家"


def _coverage(action):
    found = action.view()["coverage"]
    return (
        f"应检 {found['total']} 家，到场检查 {found['visited']} 家，拒绝检查 {found['refused']} 家"
    )


def _draw(action):
    targets = action.story.get(f"/draws/{action.draw}", CITY)["targets"]
    drawn = sum(1 for target in targets if target["how"] == "drawn")
    there = sum(1 for target in targets if target["visited_at"])
    return f"随机抽取 {drawn} 家，全覆盖 {len(targets) - drawn} 家，两人到场 {there} 家"


def _hazards(action):
    found = action.view()["hazards"]
    return (
        f"一般隐患 {found['general']['total']} 项，已销号 {found['general']['closed']} 项；"
        f"重大隐患 {found['major']['total']} 项，已销号 {found['major']['closed']} 项；"
        f"企业自查发现 {found['plant']['total']} 项，检查发现 {found['inspectors']['total']} 项"
    )


def _closing(action):
    return f"政府决定关闭 {len(action.all('/enterprises?status=closing'))} 家"


ALL = (
    Obligation("二", "成立领导组", _group),
    Obligation("三（一）", "每一家企业纳入监管", _members),
    Obligation("三（三）", "重大隐患挂牌督办、双报告", _major),
    Obligation("四（一）", "5月6日前报送方案和部署", _batch("布置报送行动方案")),
    Obligation("四（二）", "企业自查自纠，一般隐患“五定”", _self),
    Obligation("四（三）", "县级检查逐一全覆盖", _coverage),
    Obligation("四（四）", "市级抽查不少于10%，重点和不放心企业全覆盖", _draw),
    Obligation("四（五）", "“回头看”，补课达标", _batch("启动“回头看”")),
    Obligation("五（二）", "隐患整改闭环管理", _hazards),
    Obligation("五（三）", "不具备安全生产条件的，提请关闭", _closing),
    Obligation("五（四）", "每月23日报送进展", _batch("布置报送工作进展")),
    Obligation("五（四）", "11月15日前报送总结", _batch("布置报送行动总结")),
)
