"""The deploy-time check: it refuses what the engine would not run as docs/diagrams.md says."""

from collections.abc import Collection, Mapping

from app.domain import Invalid
from app.domain.text import T
from app.engine import Problem, Signature, definitions, model
from app.engine.bundle import Bundle
from app.engine.lint import files, shape, variables, words, works
from app.engine.lint.report import Report, Rule

__all__ = ["check"]

UNBUILT = Rule(T("流程不能载入：{why}"), T("对照 docs/diagrams.md 检查流程图"))


def check(
    bundle: Bundle,
    *,
    effects: Mapping[str, Signature],
    lanes: Collection[str],
    given: Collection[str] = (),
) -> list[Problem]:
    """Return why `bundle` may not be deployed; an empty list means that it may.

    :param effects: the effects there are, by name
    :param lanes: the names in the lane table
    :param given: the routing variables every case has from its start
    """
    report = Report(effects, lanes, frozenset(given))
    roots = files.check(report, bundle)
    if report.problems:
        return report.problems
    for file, root in roots.items():
        for process in model.read(root):
            report.processes[process.id] = process
            report.files[process.id] = file
    works.check(report, bundle, roots)
    regions = shape.check(report)
    words.check(report, bundle, roots, regions)
    variables.check(report, regions)
    if not report.problems:
        _build(report, bundle)
    return report.problems


def _build(report: Report, bundle: Bundle) -> None:
    try:
        definitions.load(bundle)
    except Invalid as error:
        report.add(UNBUILT, bundle.mains[0], "", why=error.text)
