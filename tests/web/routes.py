"""Every route of the application, with ids of things in 兴县 for its parameters.

`EXAMPLES` says for each parameter of each route how to find an id. A new route whose parameter has
no example fails `test_every_parameter_has_an_example`, so nothing is left out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import select
from werkzeug.routing import Rule

from app.domain.access import Role
from app.domain.hazards import HazardState
from app.models.casework import Incident
from app.models.hazards import Hazard
from app.models.people import Account, Organisation
from app.models.reports import Report
from app.services import Deps, profile
from app.services.casefiles import requesting
from app.services.casefiles.gathering import Words
from app.services.demo.people import AREAS, ENTERPRISE, ORGANISATIONS
from app.services.demo.sample import sample
from app.services.enterprises import consents
from app.services.imports import taking
from app.web.api.contract import NAMED, OPERATIONS
from tests.campaigning import Run
from tests.casework import Play, made_ready
from tests.draws import NUMBER, closed, ranked
from tests.people import actor_of

# Where ids of things nobody can have begin.
NOTHING = 987_654_321


@dataclass
class Things:
    """One of everything, in 兴县; made when first asked for."""

    deps: Deps
    _ids: dict[str, object] = field(default_factory=dict)

    @cached_property
    def play(self) -> Play:
        return Play(self.deps, lambda username: actor_of(self.deps, username))

    @cached_property
    def account(self) -> int:
        return account_of(self.deps, "xingxian.staff1")

    @cached_property
    def organisation(self) -> int:
        with self.deps.system_reading("test") as work:
            bureau = select(Organisation.id).filter_by(place="141123", kind="emergency_bureau")
            return work.session.scalars(bureau).one()

    @cached_property
    def deputy(self) -> int:
        leader = actor_of(self.deps, "xingxian.head")
        with self.deps.transaction(leader) as work:
            until = work.now.replace(year=2027, month=1)
            profile.name_deputy(work, "xingxian.deputy", work.now, until, "外出")
        with self.deps.reading(leader) as work:
            return profile.deputies(work)[-1].id

    @cached_property
    def case(self) -> int:
        return self.play.start("xingxian.staff1")

    @cached_property
    def consent(self) -> int:
        given = {
            "channel": "email",
            "email": "anquan@example.cn",
            "receiver": "任国强",
            "confirmed_on": "2026-11-20",
            "signer": "任国强，主要负责人",
            "papers": [self.play.upload("xingxian.staff1")],
        }
        return self.play.run("xingxian.staff1", consents.enter, self.enterprise, given)

    @cached_property
    def case_file(self) -> int:
        words = Words(*([lambda *_: ("", "")] * 3), str)
        file = self.play.run("xingxian.staff1", requesting.request, self.case, words)
        made_ready(self.deps, file)
        return file

    @cached_property
    def item(self) -> int:
        _case = self.case
        return self.play.todo("xingxian.staff1")[0].id

    @cached_property
    def enterprise(self) -> int:
        return self.play.subject()

    @cached_property
    def batch(self) -> int:
        staff = actor_of(self.deps, "xingxian.staff1")
        with self.deps.transaction(staff) as work:
            return taking.take(work, "141123", "名单.xlsx", sample())

    @cached_property
    def document(self) -> int:
        case = self.play.start("xingxian.staff1")
        self.play.do("xingxian.staff1", "draft_order")
        return self.play.papers("xingxian.staff1", case)[0].id

    @cached_property
    def hazard(self) -> int:
        case = self.case
        with self.deps.system("test") as work:
            row = Hazard(
                place="141123",
                enterprise_id=self.enterprise,
                found_in=case,
                procedure="rectification",
                found_at=work.now,
                case_id=case,
                description="煤气报警装置失灵",
                major=True,
                state=HazardState.OPEN,
                state_at=work.now,
            )
            work.session.add(row)
            work.session.flush()
            return row.id

    @cached_property
    def report(self) -> int:
        _campaign = self.campaign
        with self.deps.system_reading("test") as work:
            mine = select(Report.id).filter_by(organisation_id=self.enterprise)
            return work.session.scalars(mine.order_by(Report.id)).first()

    @cached_property
    def campaign(self) -> int:
        return Run(self.deps, self.play.actor).open()

    @cached_property
    def draw(self) -> int:
        """A draw as a city has one, done and public, but in 兴县."""
        people = [account_of(self.deps, f"xingxian.staff{number}") for number in (1, 2)]
        return closed(self.deps, "141123", self.case, self.organisation, self.enterprise, people)

    @cached_property
    def draw_number(self) -> str:
        _draw = self.draw
        return NUMBER

    @cached_property
    def ranking(self) -> int:
        return ranked(self.deps, self.draw, "141123", self.organisation)

    @cached_property
    def upload(self) -> str:
        return self.play.upload("xingxian.staff1")

    @cached_property
    def incident(self) -> int:
        case = self.case
        with self.deps.system("test") as work:
            row = Incident(
                case_id=case,
                place="141123",
                node="draft_order",
                seq=1,
                command="start",
                cause="test",
                at=work.wall,
            )
            work.session.add(row)
            work.session.flush()
            return row.id


TERM_VIEWS = ("find", "add", "show", "update", "set_active", "move", "remove")
# (endpoint, parameter), or the parameter alone where it means the same everywhere
EXAMPLES: dict[tuple[str, str] | str, Callable[[Things], object]] = {
    "batch_id": lambda things: things.batch,
    "enterprise_id": lambda things: things.enterprise,
    "account_id": lambda things: things.account,
    "case_id": lambda things: things.case,
    "document_id": lambda things: things.document,
    "file_id": lambda things: things.case_file,
    "draw_id": lambda things: things.draw,
    "draw_number": lambda things: things.draw_number,
    ("documents.picture", "number"): lambda _things: 1,
    "consent_id": lambda things: things.consent,
    ("consents.paper", "number"): lambda _things: 0,
    ("issuing.form", "kind"): lambda _things: "talk_record",
    ("issuing.start", "kind"): lambda _things: "talk_record",
    ("verify.by_code", "code"): lambda _things: "A" * 16,
    ("verify.revoked", "number"): lambda _things: "0",
    ("api.verify_code", "code"): lambda _things: "A" * 16,
    **{(f"terms.{view}", "kind"): lambda _things: "sector" for view in TERM_VIEWS},
    **{(f"terms.{view}", "code"): lambda _things: "steel" for view in TERM_VIEWS},
    **{
        (f"checklists.{view}", "code"): lambda _things: "steel"
        for view in ("show", "version", "edit", "publish", "retire", "export")
    },
    ("checklists.version", "version"): lambda _things: 1,
    **{
        (f"tables.{view}", "code"): lambda _things: "campaign_statistics"
        for view in ("show", "version", "edit", "publish")
    },
    ("tables.version", "version"): lambda _things: 1,
    **{
        (f"clauses.{view}", "code"): lambda _things: "work_safety_law"
        for view in ("show", "version", "edit", "publish", "retire", "export")
    },
    ("clauses.version", "version"): lambda _things: 1,
    ("api.show_law", "code"): lambda _things: "work_safety_law",
    **{
        (f"wordings.{view}", "kind"): lambda _things: "rectification_order"
        for view in ("show", "publish", "of_version")
    },
    **{
        (view, "version"): lambda _things: 1
        for view in (
            *("wordings.version", "wordings.of_version", "wordings.restore"),
            *("api.show_wording", "api.restore_wording"),
        )
    },
    ("api.show_report_table", "code"): lambda _things: "campaign_statistics",
    "report_id": lambda things: things.report,
    "deputy_row": lambda things: things.deputy,
    "campaign_id": lambda things: things.campaign,
    ("campaigns.members", "number"): lambda _things: 1,
    ("campaigns.try_again", "number"): lambda _things: 1,
    ("campaigns.export_members", "number"): lambda _things: 1,
    ("api.list_campaign_batch", "number"): lambda _things: 1,
    "hazard_id": lambda things: things.hazard,
    "ranking_id": lambda things: things.ranking,
    ("rankings.behind", "county"): lambda _things: "141123",
    ("rankings.behind", "measure"): lambda _things: "coverage",
    "incident_id": lambda things: things.incident,
    "item_id": lambda things: things.item,
    "organisation_id": lambda things: things.organisation,
    "procedure": lambda _things: "rectification",
    "upload_id": lambda things: things.upload,
    "year": lambda _things: 2027,
    ("sessions.choose_language", "code"): lambda _things: "en",
    ("profile.close_session", "key"): lambda _things: "0123456789abcdef",
    ("static", "filename"): lambda _things: "dist/manifest.json",
}
# What an address names that is no thing of anybody's: there is no foreign one.
NO_THINGS = {"code", "draw_number", "filename", "key", "kind", "procedure", "version", "year"}


def example(endpoint: str, parameter: str) -> Callable[[Things], object] | None:
    return EXAMPLES.get((endpoint, parameter), EXAMPLES.get(parameter))


@dataclass(frozen=True)
class Route:
    """One method of one rule."""

    rule: Rule
    method: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def thing(self) -> bool:
        return bool(self.rule.arguments - NO_THINGS)

    def url(self, app, values: dict[str, object]) -> str:
        with app.test_request_context():
            return app.url_for(self.rule.endpoint, **values)

    def real(self, things: Things) -> dict[str, object]:
        return {p: example(self.rule.endpoint, p)(things) for p in self.rule.arguments}

    def unreal(self) -> dict[str, object]:
        """Return values that name nothing, of the same kind."""
        return {
            name: NOTHING
            if type(self.rule._converters[name]).__name__ == "IdConverter"
            else "ab" * 12
            for name in self.rule.arguments
        }


def routes(app) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(rule, method)


def body_for(route: Route) -> dict[str, object]:
    """Return what a call of the API must bring along to get beyond the check of its body."""
    for operation in OPERATIONS:
        if (
            route.rule.rule == f"/api/v1{operation.path}"
            and route.method == operation.method
            and operation.body is not None
        ):
            return {"json": _sample(operation.body)}
    return {}


def _sample(schema: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _sample(NAMED[schema["$ref"].rpartition("/")[2]])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    kind = kind if isinstance(kind, str) else kind[0]
    if kind == "object":
        known = schema.get("properties", {})
        return {name: _sample(known.get(name, {})) for name in schema.get("required", [])}
    if kind == "array":
        return [_sample(schema.get("items", {}))] * schema.get("minItems", 0)
    plain = {"string": "1" * max(1, schema.get("minLength", 1)), "boolean": True, "null": None}
    return plain.get(kind, schema.get("minimum", 1))


def everybody(prefix: str) -> list[str]:
    """Return one demo username for each role in an area."""
    assert prefix in {area.prefix for area in AREAS}
    seats = [seat for _kind, _suffix, found in ORGANISATIONS for seat in found] + list(ENTERPRISE)
    by_role: dict[Role, str] = {}
    for suffix, role, _given in seats:
        by_role.setdefault(role, f"{prefix}.{suffix}")
    assert set(by_role) == set(Role)
    return list(by_role.values())


def account_of(deps: Deps, username: str) -> int:
    with deps.system_reading("test") as work:
        return work.session.scalars(select(Account.id).filter_by(username=username)).one()
