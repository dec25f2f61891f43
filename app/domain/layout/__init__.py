"""Drawing a procedure: from BPMN XML without a picture to one that is laid out in swim lanes.

An author writes what happens; `draw` computes where it stands. It is pure and repeatable: the same
diagram gives the same bytes, and drawing a drawn diagram changes nothing.
"""

from app.domain.layout.measuring import Measure
from app.domain.layout.model import CannotDraw, Drawing, Graph
from app.domain.layout.naming import place_names
from app.domain.layout.placing import Search
from app.domain.layout.reading import parse, read
from app.domain.layout.routing import Router
from app.domain.layout.writing import write

__all__ = ["CannotDraw", "draw"]

FEWEST, MOST = 4, 12  # searches; more than the fewest only while lines still cross


def draw(xml: bytes) -> bytes:
    """Return the diagram with its picture drawn anew; the old picture, if any, is ignored.

    :raises CannotDraw: if it holds something that has no place in a procedure's picture
    """
    root = parse(xml)
    return write(root, _lay_out(read(root)))


def _lay_out(graph: Graph) -> Drawing:
    """Try several searches and draw the one whose routes turn out best."""
    best = _routed(graph, 0)
    for seed in range(1, MOST):
        if seed >= FEWEST and not best.crossings and not best.missing:
            break
        best = min(best, _routed(graph, seed), key=Router.total)
    if best.missing:
        raise CannotDraw(f"no way was found for the flow {best.missing[0]}")
    drawing = Measure(graph, best.placement, best).draw()
    place_names(graph, drawing)
    return drawing


def _routed(graph: Graph, seed: int) -> Router:
    router = Router(graph, Search(graph, seed).run())
    router.solve()
    return router
