"""What one page of paper costs once the press is warm: typeset, signed by one person, sealed."""

import json
import os
from types import SimpleNamespace

from app.adapters.signature import drawing
from app.adapters.signature.signing import Look, Slot, add_fields, put_seal, sign
from app.domain.documents import canonical
from app.services.pdf.typesetting import SEAL, typeset
from tests import documents_made as made
from tests import fakes
from tests.bench import Row
from tests.bench.cpu import family

WARM, MANY = 5, 20
GATE = 0.15
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
    """Return the CPU seconds of a page, the typesetting process's among them; none without fonts."""
    if not made.READY:
        return []
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

    for _ in range(WARM):
        page()
    before = family(os.getpid())
    for _ in range(MANY):
        page()
    spent = (family(os.getpid()) - before) / MANY
    return [Row("one-page paper, warm: render, signature, seal", spent, GATE, "s")]
