"""What papers cost once the press is warm: a page signed and sealed, a long table, two at once."""

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from types import SimpleNamespace

from app.adapters.signature import drawing
from app.adapters.signature.signing import Look, Slot, add_fields, put_seal, sign
from app.domain.documents import canonical
from app.services.pdf.typesetting import SEAL, typeset
from tests import documents_made as made
from tests import fakes
from tests.bench import Row
from tests.bench.cpu import family
from tests.paper_samples import statistics

WARM, MANY = 5, 20
GATE, TABLE_GATE, TWO_GATE = 0.15, 1.0, 1.7
LINES, COLUMNS = 500, 14
TABLES, EACH = 2, 60
"""Tables that are typeset, and pages that each process makes to say how many it makes in a second."""
NAME, SIDE = (113.0, 28.0), drawing.DIAMETER * drawing.MILLIMETRE
ORDER = {
    "number": "（兴）应急责改〔2026〕1号",
    "code": "A" * 16,
    "site": "127.0.0.1:8000/verify",
    "demo": True,
    "organ": "兴县应急管理局",
    "date": "2026-11-20",
    "unit": "兴县蔚汾特种铸造有限公司（演示）",
    "check_date": "2026-11-20",
    "check_place": "打磨车间",
    "hazards": [
        {
            "description": "除尘系统未设置泄爆装置，作业人员未经培训",
            "place": "打磨车间",
            "basis": "违反《粉尘防爆安全规程》第6.4.1条",
            "class": "major",
            "criterion": "《工贸企业重大事故隐患判定标准》第十一条",
        },
        {
            "description": "配电房未设置警示标志",
            "place": "配电房",
            "basis": "违反《安全生产法》第三十五条",
            "class": "general",
            "deadline": "2026-11-30",
        },
    ],
    "deadline": "2026-12-20",
    "precautions": "整改完毕前停用打磨工位。",
    "officers": [
        {"name": "白建国", "certificate": "14-000001"},
        {"name": "白志强", "certificate": "14-000002"},
    ],
    "review_organ": "兴县人民政府",
    "court": "兴县人民法院",
}


def measure() -> list[Row]:
    """Return what papers cost; nothing without fonts."""
    if not made.READY:
        return []
    return [
        Row("one-page paper, warm: render, signature, seal", _spent(_page(), MANY), GATE, "s"),
        Row(f"table of {LINES} × {COLUMNS}, landscape", _spent(_table(), TABLES), TABLE_GATE, "s"),
        Row("papers a second, two worker processes ÷ one", _two(), TWO_GATE, least=True),
    ]


def _spent(act: Callable[[], None], times: int) -> float:
    """Return the CPU seconds of doing something, the typesetting process's among them."""
    for _ in range(min(WARM, times)):
        act()
    before = family(os.getpid())
    for _ in range(times):
        act()
    return (family(os.getpid()) - before) / times


def _page() -> Callable[[], None]:
    """Return what makes one page of paper: typeset, signed by one person, sealed."""
    papers = fakes.papers(made.press())
    deps = SimpleNamespace(papers=papers)
    bundle = json.loads(papers.templates.bundle)
    kind = papers.templates.kinds["rectification_order"]
    ours = made.Authority()
    person, organ = ours.identity("白建国"), ours.identity("兴县应急管理局", "seal")
    stamp = ours.identity("时间戳", "stamp")

    def page() -> None:
        paper = typeset(deps, kind, bundle, ORDER, frozen=canonical(ORDER))
        assert paper.pages == 1
        names = (*(signer.id for signer in kind.signers), SEAL)
        slots = [Slot(name, paper.boxes[name], name, closes=name == SEAL) for name in names]
        look = Look(drawing.name("白建国", papers.writing, *NAME), *NAME)
        signed = sign(
            add_fields(paper.pdf, slots), names[0], person, stamp, look, "", made.NOW, first=True
        )
        look = Look(drawing.seal("兴县应急管理局", papers.engraving), SIDE, SIDE)
        put_seal(signed, SEAL, organ, stamp, look, "", made.NOW)

    return page


def _table() -> Callable[[], None]:
    """Return what typesets a long table: a line for each enterprise, a figure in each column."""
    papers = fakes.papers(made.press())
    deps = SimpleNamespace(papers=papers)
    bundle = json.loads(papers.templates.bundle)
    kind = papers.templates.kinds["campaign_statistics"]
    table = statistics(1, ORDER["unit"])
    figures = COLUMNS - 2
    content = {
        **{key: ORDER[key] for key in ("number", "code", "site", "demo", "organ", "date")},
        **table,
        "filler": "刘亚军",
        "filled_on": "2026-11-24",
        "groups": [{"title": "企业隐患排查整治进展情况", "span": figures}],
        "columns": [{**column, "width": 16.0} for column in table["columns"][:figures]],
        "lines": [
            {
                "number": str(number),
                "name": ORDER["unit"],
                "cells": [str(number * column % 97) for column in range(1, COLUMNS - 1)],
                "details": [[]],
            }
            for number in range(1, LINES + 1)
        ],
        "notes": [],
    }

    def whole() -> None:
        typeset(deps, kind, bundle, content)

    return whole


def _two() -> float:
    """Return how many more pages a second two processes make than one, each with its press."""
    return _rate(2) / _rate(1)


def _rate(processes: int) -> float:
    """Return how many pages a second so many processes make together, once all are warm."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Barrier(processes + 1), context.Barrier(processes + 1)
    workers = [
        context.Process(target=_work, args=(ready, done, WARM, EACH)) for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    ready.wait()
    begun = time.perf_counter()
    done.wait()
    took = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    return processes * EACH / took


def _work(ready: Barrier, done: Barrier, warm: int, each: int) -> None:
    """Make pages as a worker process does, all at the same time as the others."""
    page = _page()
    for _ in range(warm):
        page()
    ready.wait()
    for _ in range(each):
        page()
    done.wait()
