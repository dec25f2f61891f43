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

# A few quick searches; as long as lines cross in the best of them, some thorough ones.
QUICK, THOROUGH = 5, 5
TRIALS = (1000, 2500)
ROW = 1500  # what a row of the picture costs, in lengths of line


def draw(xml: bytes) -> bytes:
    """Return the diagram with its picture drawn anew; the old picture, if any, is ignored.

    :raises CannotDraw: if it holds something that has no place in a procedure's picture
    """
    root = parse(xml)
    return write(root, _lay_out(read(root)))


def _lay_out(graph: Graph) -> Drawing:
    """Try several searches and draw the one whose routes turn out best."""
    best = _routed(graph, 0)
    for seed in range(1, QUICK + THOROUGH):
        if seed >= QUICK and not best.crossings and not best.missing:
            break
        best = min(best, _routed(graph, seed), key=_unrest)
    if best.missing:
        raise CannotDraw(f"no way was found for the flow {best.missing[0]}")
    drawing = Measure(graph, best.placement, best).draw()
    place_names(graph, drawing)
    return drawing


def _unrest(router: Router) -> int:
    """Return how little a picture pleases: by its lines, and by how many rows it needs."""
    return router.total() + ROW * len(router.placement.lane_of_row)


def _routed(graph: Graph, seed: int) -> Router:
    placement = Search(graph, seed).run(TRIALS[seed >= QUICK])
    router = Router(graph, placement)
    router.solve()
    return router
