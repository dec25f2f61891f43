"""Which flows lead back, and how far to the right every node stands."""

from app.domain.layout.model import Graph, Kind


def loop_backs(graph: Graph) -> set[str]:
    """Return the flows that close a loop, as a depth-first walk from the start meets them."""
    leaving: dict[str, list[tuple[str, str]]] = {name: [] for name in graph.nodes}
    for edge in graph.edges:
        leaving[graph.home(edge.source)].append((edge.id, edge.target))
    back: set[str] = set()
    open_nodes: set[str] = set()
    done: set[str] = set()
    for root in [graph.start, *graph.nodes]:
        if root in done:
            continue
        open_nodes.add(root)
        trail = [(root, iter(leaving[root]))]
        while trail:
            node, flows = trail[-1]
            for flow, target in flows:
                if target in open_nodes:
                    back.add(flow)
                elif target not in done:
                    open_nodes.add(target)
                    trail.append((target, iter(leaving[target])))
                    break
            else:
                trail.pop()
                open_nodes.discard(node)
                done.add(node)
    return back


def steps(graph: Graph, back: set[str]) -> list[tuple[str, str, int]]:
    """Return pairs (left, right, gap): how many columns the second stands from the first at least.

    A flow from or to a gateway may run straight into another lane; its ends may share a column.
    """
    result = []
    for edge in graph.edges:
        if edge.id not in back and not edge.association:
            left = graph.home(edge.source)
            kinds = graph.nodes[left].kind, graph.nodes[edge.target].kind
            lanes = graph.nodes[left].lane, graph.nodes[edge.target].lane
            straight = (
                Kind.GATEWAY in kinds
                and lanes[0] != lanes[1]
                and edge.source not in graph.boundaries
            )
            result.append((left, edge.target, 0 if straight else 1))
    return result


def columns(graph: Graph, pairs: list[tuple[str, str, int]]) -> dict[str, int]:
    """Return the column of every node: the longest way from the start."""
    column = dict.fromkeys(graph.nodes, 0)
    moved = True
    while moved:
        moved = False
        for left, right, gap in pairs:
            if column[right] < column[left] + gap:
                column[right] = column[left] + gap
                moved = True
    reached = {right for _, right, _ in pairs}
    for node in graph.nodes:  # what nothing leads to, the start apart, moves up to what it leads to
        following = [column[right] - gap for left, right, gap in pairs if left == node]
        if node != graph.start and node not in reached and following:
            column[node] = min(following)
    for edge in graph.edges:
        if edge.association:
            column[edge.target] = column[graph.home(edge.source)]
    return column
