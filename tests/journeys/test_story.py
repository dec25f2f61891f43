"""The stories are played on a server of their own, and what they leave behind is looked at."""

import io
import json
import subprocess
import sys

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from app.models.database import connect
from config import ROOT
from tests import documents_made as made
from tests.robots import together

pytestmark = pytest.mark.skipif(not made.READY, reason="manage.py papers brings fonts and pango")
LONGEST = 300.0


@pytest.fixture(scope="module")
def closure(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story") / "closure"
    command = [sys.executable, "-m", "tests.stories", "closure", "--data", str(folder)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return folder, told.stdout


def test_it_is_told_step_by_step_within_five_minutes(closure):
    _folder, told = closure
    for step in ("企业自查", "暂时停产", "听证", "提请关闭被阻止", "要求补充证据", "政府决定关闭"):
        assert step in told
    last = [line for line in told.splitlines() if line.startswith("[")][-1]
    assert float(last.strip("[").partition("s]")[0]) < LONGEST


def test_every_paper_is_signed_or_sealed(closure):
    folder, _told = closure
    papers = sorted((folder / "papers").iterdir())
    kinds = {paper.stem.partition(" ")[2] for paper in papers}
    assert kinds >= {
        "检查方案",
        "现场检查记录",
        "责令限期整改指令书",
        "整改复查意见书",
        "现场处理措施决定书",
        "重大事故隐患挂牌督办通知书",
        "重大事故隐患双报告",
        "立案审批表",
        "案件调查报告",
        "听证告知书",
        "听证通知书",
        "听证笔录",
        "听证报告",
        "法制审核意见书",
        "集体讨论记录",
        "责令停产停业整顿决定书",
        "黄牌、红牌公示",
        "关于提请关闭企业的请示",
        "文书送达回证",
    }
    for paper in papers:
        reader = PdfFileReader(io.BytesIO(paper.read_bytes()))
        assert list(reader.embedded_regular_signatures), paper.name


def test_nothing_is_wrong_behind_it(closure):
    folder, _told = closure
    command = [sys.executable, "-m", "app.cli", "verify", "--data", str(folder)]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    database = connect(f"sqlite:///{folder / 'bihuan.db'}")
    with database.engine.connect().execution_options(unscoped="test") as connection:
        rows = connection.exec_driver_sql("SELECT cause FROM incident").all()
    together.note(database)
    database.close()
    assert rows == [], json.dumps([row[0] for row in rows])
