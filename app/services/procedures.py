"""Deployed procedures: put diagrams into the database, and find the one a case runs on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from app.domain import Invalid, NotFound
from app.domain.access import Permission, Thing, granted_by
from app.domain.forms import Form, Unsupported
from app.domain.history import Stream
from app.domain.lanes import ENGLISH, LANES
from app.domain.text import T, Term, Text
from app.engine import CaseFault, Problem, choosing, definitions, diagram, lint, markup
from app.engine.bundle import Bundle
from app.engine.definitions import Definition, Node
from app.engine.model import SCHEMA, UI
from app.models.casework import Deployment
from app.services import Deps, Work
from app.services.divisions import topmost
from app.services.effects.table import SIGNATURES
from app.services.forms import check_form, choices, file_of, form_of

MOST_FILES, MOST_BYTES = 200, 8 * 2**20


class Refused(Invalid):
    """The bundle breaks the rules of docs/diagrams.md; `problems` says where and what to draw."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            {f"/{problem.file}#{problem.element}": problem.reason for problem in problems}
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ProcedureRow:
    """The newest version of a procedure, as lists show it."""

    deployment_id: int
    id: str
    name: Text
    version: int
    digest: str
    deployed_at: datetime


def gather(folder: Path, procedure: Path) -> Bundle:
    """Return the bundle of a diagram in a folder laid out as this repository is.

    :raises Invalid: if the diagram is no XML or names a file that is not there: the first by name
    """
    files: dict[str, bytes] = {}
    waiting = [procedure]
    while waiting:
        path = waiting.pop()
        name = path.relative_to(folder).as_posix()
        if name in files:
            continue
        try:
            files[name] = path.read_bytes()
        except OSError as missing:
            raise Invalid({f"/{name}": T("缺少文件 {name}", name=name)}) from missing
        if path.suffix == ".bpmn":
            named = _references(name, files[name])
            there = {each for other in named for each in _fitting(folder, other)}
            waiting += [folder / other for other in sorted(there, reverse=True)]
    return Bundle(files)


def _fitting(folder: Path, name: str) -> Collection[str]:
    """Return a name, or those of all files that fit where it has a place in braces."""
    if not choosing.places(name):
        return (name,)
    there = (path.relative_to(folder).as_posix() for path in (folder / name).parent.glob("*"))
    return choosing.fitting(name, there).values()


def _references(name: str, data: bytes) -> set[str]:
    """Return the files that a diagram names: parts, decision tables, forms."""
    try:
        root = markup.parse(data)
    except markup.BadMarkup as bad:
        raise Invalid({f"/{name}": bad.reason}) from bad
    found = {
        f"bpmn/parts/{call.get('calledElement')}.bpmn"
        for call in root.iter(f"{markup.BPMN}callActivity")
    }
    found |= {
        f"bpmn/decisions/{(called.text or '').strip()}.dmn"
        for called in root.iter(f"{markup.SPIFF}calledDecisionId")
    }
    found |= {
        f"forms/{value.get('value')}"
        for value in root.iter(f"{markup.SPIFF}property")
        if value.get("name") in (SCHEMA, UI)
    }
    return found


def check(bundle: Bundle, papers: Collection[str]) -> list[Problem]:
    """Return what keeps a bundle from being deployed: the lint's findings, and bad forms.

    :param papers: the kinds of paper there are
    """
    problems = lint.check(bundle, effects=SIGNATURES, lanes=LANES, papers=papers)
    if problems:
        return problems
    definition = definitions.load(bundle)
    for node in definition.nodes.values():
        for choice in choices(bundle, definition, node) or (None,):
            try:
                check_form(bundle, node, choice)
            except Unsupported as unsupported:
                problems.append(
                    Problem(
                        file_of(node, SCHEMA, choice) or "",
                        node.id,
                        T("表单不受支持：{error}", error=str(unsupported)),
                        T("请按 docs/diagrams.md 修改表单"),
                    )
                )
    return problems


def deploy(work: Work, bundle: Bundle) -> int:
    """Add a version of a procedure; running cases stay on theirs. The same bundle is added once.

    :raises Refused: if the bundle breaks a rule
    """
    grant = work.require(Permission.DEPLOY, topmost(work))
    deployment = _add(work, bundle)
    work.record(
        Stream.INSTALLATION,
        1,
        "procedure.deploy",
        grant,
        procedure=deployment.procedure,
        version=deployment.version,
        digest=deployment.digest,
    )
    return deployment.id


def may_deploy(work: Work) -> bool:
    """Test whether the actor may add versions of procedures, which are everybody's."""
    work.require(Permission.SEE_PROCEDURES, Thing())
    return granted_by(work.actor, Permission.DEPLOY, topmost(work)) is not None


def _add(work: Work, bundle: Bundle) -> Deployment:
    same = work.session.scalar(select(Deployment).where(Deployment.digest == bundle.digest))
    if same is not None:
        return same
    if problems := check(bundle, work.deps.papers.templates.kinds):
        raise Refused(problems)
    definition = definitions.load(bundle)
    last = select(func.max(Deployment.version)).filter_by(procedure=definition.procedure)
    deployment = Deployment(
        procedure=definition.procedure,
        version=(work.session.scalar(last) or 0) + 1,
        digest=bundle.digest,
        bundle=bundle.pack(),
        name=definition.process_name,
        name_en=definition.name_en,
        deployed_at=work.wall,
        deployed_by=work.actor.id,
    )
    work.session.add(deployment)
    work.session.flush()
    return deployment


def install(deps: Deps, folder: Path) -> list[str]:
    """Deploy every diagram that came with the product and is not deployed yet; the operator's.

    :raises Refused: if one breaks a rule
    """
    added = []
    paths = sorted([*folder.glob("bpmn/*.bpmn"), *folder.glob("bpmn/campaigns/*.bpmn")])
    bundles = [gather(folder, path) for path in paths]
    with deps.system("deploy what came with the product") as work:
        known = set(work.session.scalars(select(Deployment.digest)))
        for bundle in bundles:
            if bundle.digest in known:
                continue
            deployment = _add(work, bundle)
            work.record(
                Stream.INSTALLATION,
                1,
                "procedure.deploy",
                procedure=deployment.procedure,
                version=deployment.version,
                digest=deployment.digest,
            )
            added.append(f"{deployment.name} v{deployment.version}")
    return added


def uploaded(files: Collection[tuple[str, bytes]]) -> Bundle:
    """Return a bundle of uploaded files, each put where its name says it belongs.

    :raises Invalid: if there are too many, too much, or none
    """
    if not files:
        raise Invalid({"/files": T("请选择流程文件")})
    if len(files) > MOST_FILES or sum(len(data) for _name, data in files) > MOST_BYTES:
        raise Invalid({"/files": T("流程文件过多或过大")})
    placed: dict[str, bytes] = {}
    for name, data in files:
        parts = PurePosixPath(name.replace("\\", "/")).parts
        clean = "/".join(part for part in parts if part not in ("..", ".", "/"))
        known = clean.startswith(("bpmn/", "forms/"))
        placed[clean if known else f"bpmn/{clean}"] = data
    return Bundle(placed)


def newest(work: Work, procedure: str) -> ProcedureRow:
    """Return the newest version of a procedure.

    :raises NotFound: if none is deployed
    """
    work.require(Permission.SEE_PROCEDURES, Thing())
    found = find_newest(work, procedure)
    if found is None:
        raise NotFound(T("没有找到该流程"))
    return _row(found)


def find_newest(work: Work, procedure: str) -> Deployment | None:
    """Return the deployment that new cases of a procedure run on: a step of those who asked."""
    return work.session.scalar(
        select(Deployment)
        .where(Deployment.procedure == procedure)
        .order_by(Deployment.version.desc())
        .limit(1)
    )


def everything(work: Work) -> list[ProcedureRow]:
    """Return the newest version of every procedure, by id."""
    work.require(Permission.SEE_PROCEDURES, Thing())
    last = select(func.max(Deployment.id)).group_by(Deployment.procedure)
    rows = work.session.scalars(
        select(Deployment).where(Deployment.id.in_(last)).order_by(Deployment.procedure)
    )
    return [_row(row) for row in rows]


def versions(work: Work, procedure: str) -> list[ProcedureRow]:
    """Return all versions of a procedure, the newest first."""
    work.require(Permission.SEE_PROCEDURES, Thing())
    rows = work.session.scalars(
        select(Deployment)
        .where(Deployment.procedure == procedure)
        .order_by(Deployment.version.desc())
    )
    return [_row(row) for row in rows]


def _row(row: Deployment) -> ProcedureRow:
    name = Term(row.name, english=row.name_en)
    return ProcedureRow(row.id, row.procedure, name, row.version, row.digest, row.deployed_at)


def drawing(work: Work, procedure: str, version: int | None, language: str) -> bytes:
    """Return a procedure's diagram as BPMN 2.0 XML, with the names in `language`.

    :raises NotFound: if there is no such version
    """
    work.require(Permission.SEE_PROCEDURES, Thing())
    wanted = select(Deployment.id).where(Deployment.procedure == procedure)
    if version is not None:
        wanted = wanted.where(Deployment.version == version)
    found = work.session.scalar(wanted.order_by(Deployment.version.desc()).limit(1))
    if found is None:
        raise NotFound(T("没有找到该流程"))
    loaded = running(work, found)
    main = loaded.bundle.diagrams[loaded.bundle.mains[0]]
    return diagram.localised(main, language, ENGLISH)


@dataclass(frozen=True, slots=True)
class Running:
    """A deployed procedure, ready to be run: shared by every case on it."""

    deployment_id: int
    version: int
    bundle: Bundle
    definition: Definition

    @property
    def procedure(self) -> str:
        return self.definition.procedure

    @property
    def name(self) -> Text:
        return Term(self.definition.process_name, english=self.definition.name_en)

    def node(self, node_id: str) -> Node:
        return self.definition.nodes[node_id]

    def title(self, node_id: str) -> Text:
        """Return the name of a node in both languages."""
        node = self.definition.nodes.get(node_id)
        if node is None:
            return Term(node_id)
        return Term(node.name or node.id, english=node.name_en)

    def form(self, node_id: str, choice: str | None = None) -> Form | None:
        """Return the form of a start event or task, or None if it has none.

        :param choice: what the case chose it by, as its work item keeps it
        """
        return form_of(self.bundle, self.node(node_id), choice)

    def papers(self, node_id: str, choice: str | None = None) -> tuple[str, ...]:
        """Return what a task has to do with papers, as its property says."""
        return tuple(
            choosing.filled(word, choice or "") for word in self.node(node_id).words("papers")
        )

    def choices(self, node_id: str) -> list[str]:
        """Return by what a case may choose the form of a task; none if it has one form."""
        return choices(self.bundle, self.definition, self.node(node_id))

    def choose(self, node_id: str, variables: Mapping[str, Any]) -> str | None:
        """Return what a case chooses the form of a task by, as it opens; None if it has one form.

        :raises CaseFault: if there is no form of this choice
        """
        name = self.node(node_id).chosen_by
        if name is None:
            return None
        choice = variables.get(name)
        if choice not in self.choices(node_id):
            raise CaseFault(T("环节 {node} 没有“{choice}”的表单", node=node_id, choice=choice))
        return str(choice)


def running(work: Work, deployment_id: int) -> Running:
    """Return a deployed procedure ready to run: a step of those who asked.

    What was loaded is kept: a deployment never changes.
    """
    found = work.deps.loaded.get(deployment_id)
    if not isinstance(found, Running):
        row = work.session.get_one(Deployment, deployment_id, options=[undefer(Deployment.bundle)])
        bundle = Bundle.unpack(row.bundle)
        found = Running(row.id, row.version, bundle, definitions.load(bundle))
        work.deps.loaded[deployment_id] = found
    return found
