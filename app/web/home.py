"""The home page: what each role has to do first, and where it goes on from there."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, url_for

from app.domain import NotFound
from app.domain.access import LEADERS, ROLE_NAMES, Permission, Role, may_somewhere
from app.domain.text import T, Text
from app.services import incidents, messages, organisations, profile
from app.services.cases import reading as cases
from app.services.documents import unserved
from app.services.tasks import agenda, lists
from app.web.forms import sample
from app.web.frame import business_now
from app.web.request import actor, deps, needs, reading
from app.web.words import MESSAGES

pages = Blueprint("home", __name__)
MESSAGES_SHOWN = 8
CASES_SHOWN = 6
OVERDUE_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Nothing:
    """What a role reads when it has nothing to do, and where it can go instead."""

    title: Text
    hint: Text
    endpoint: str = ""
    link: Text | None = None


# By the first role of this order that somebody holds.
NOTHING: Mapping[Role, Nothing] = {
    Role.PRINCIPAL: Nothing(
        T("贵企业没有待办事项"),
        T("应急管理部门送达的文书和整改要求到达时，会连同期限出现在这里。"),
        "procedures.find",
        T("开展自查自纠"),
    ),
    Role.STAFF: Nothing(
        T("没有待办事项"),
        T("可以启动新的流程，或到案件中查看进展。"),
        "procedures.find",
        T("启动流程"),
    ),
    Role.HEAD: Nothing(
        T("没有待您审批的事项"), T("待审批、签发和集体讨论的事项到达时会出现在这里。")
    ),
    Role.DEPUTY_HEAD: Nothing(
        T("没有待您审批的事项"), T("待审批、签发和集体讨论的事项到达时会出现在这里。")
    ),
    **dict.fromkeys(
        (Role.SEAL_KEEPER, Role.GOVERNMENT_SEAL_KEEPER),
        Nothing(
            T("没有待用印的文书"),
            T("签署完毕、等待批准用印的文书会出现在这里。"),
            "documents.find",
            T("查看文书"),
        ),
    ),
    Role.AUDITOR: Nothing(
        T("督查审计人员不办理事项"),
        T("可以查询管辖范围内的全部操作记录，并核对案件和文书。"),
        "audit.find",
        T("查询操作记录"),
    ),
    Role.EXPERT: Nothing(
        T("没有邀请您参加的检查"), T("受邀参加检查时，需要出具的意见会出现在这里。")
    ),
}
OTHERS = Nothing(T("没有待办事项"), T("新的事项到达时会出现在这里。"))


@pages.get("/")
@needs(Permission.OWN_ACCOUNT)
def show() -> Response:
    grants = actor().grants
    works = may_somewhere(actor(), Permission.SEE_CASE)
    keeps = may_somewhere(actor(), Permission.SEE_INCIDENT)
    leads = any(grant.role in LEADERS for grant in grants)
    with reading() as work:
        page = render_template(
            "home.html",
            grants=grants,
            names=organisations.named(work, [grant.organisation for grant in grants]),
            leaders=profile.leaders(work),
            roles=ROLE_NAMES,
            works=works,
            leads=leads,
            keeps=keeps,
            manages=may_somewhere(actor(), Permission.MANAGE_ACCOUNTS),
            counts=lists.counts(work) if works else None,
            agenda=agenda.mine(work) if works else None,
            overdue=agenda.overdue(work, OVERDUE_SHOWN) if leads else [],
            unserved=unserved.counts(work) if leads else None,
            cases=cases.mine(work, CASES_SHOWN) if works else [],
            incidents=incidents.count(work) if keeps else 0,
            messages=messages.find(work, MESSAGES_SHOWN) if works else [],
            says=MESSAGES,
            nothing=_nothing({grant.role for grant in grants}),
            now=work.now,
        )
    return Response(page)


def _nothing(roles: set[Role]) -> Nothing:
    return next((words for role, words in NOTHING.items() if role in roles), OTHERS)


@pages.get("/styleguide")
@needs(Permission.OWN_ACCOUNT)
def styleguide() -> Response:
    """Show every component with sample data, in a demo."""
    found = deps()
    if not found.installation.demo:
        raise NotFound(T("此系统不是演示环境"))
    shown = sample.context(business_now(found))
    drawn = url_for("procedures.diagram", procedure="rectification")
    return Response(render_template("styleguide.html", diagram_href=drawn, **shown))
