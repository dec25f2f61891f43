"""Drawing a procedure: from BPMN XML without a picture to one that is laid out in swim lanes.

An author writes what happens; `draw` computes where it stands. It is pure and repeatable: the same
diagram gives the same bytes, and drawing a drawn diagram changes nothing.
"""

from app.domain.layout.model import CannotDraw, Drawing, Graph
from app.domain.layout.measuring import Measure
from app.domain.layout.naming import place_names
from app.domain.layout.placing import Search
from app.domain.layout.reading import parse, read
from app.domain.layout.routing import Router
from app.domain.layout.writing import write

__all__ = ["CannotDraw", "draw"]

SEEDS = 5


def draw(xml: bytes) -> bytes:
    """Return the diagram with its picture drawn anew; the old picture, if any, is ignored."""
    root = parse(xml)
    return write(root, _lay_out(read(root)))


def _lay_out(graph: Graph) -> Drawing:
    best: tuple[int, Router] | None = None
    for seed in range(SEEDS):
        _, placement = Search(graph, seed).run()
        router = Router(graph, placement)
        cost = router.solve()
        if best is None or cost < best[0]:
            best = cost, router
    assert best is not None
    drawing = Measure(graph, best[1].placement, best[1]).draw()
    place_names(graph, drawing)
    return drawing
