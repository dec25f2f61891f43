"""The deploy-time check: it refuses what the engine would not run as docs/diagrams.md says."""

from collections.abc import Collection, Mapping

from app.engine import Problem, Signature, model
from app.engine.bundle import Bundle
from app.engine.lint import files, shape, variables, words, works
from app.engine.lint.report import Report

__all__ = ["check"]


def check(
    bundle: Bundle,
    *,
    effects: Mapping[str, Signature],
    lanes: Collection[str],
    given: Collection[str] = (),
    papers: Collection[str] = (),
) -> list[Problem]:
    """Return why `bundle` may not be deployed; an empty list means that it may.

    :param effects: the effects there are, by name
    :param lanes: the names in the lane table
    :param given: the routing variables every case has from its start
    :param papers: the kinds of paper that there are templates for
    """
    report = Report(effects, lanes, frozenset(given), papers)
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
    return report.problems
