import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.adapters import fonts

ROOT = Path(__file__).parents[2]

# Fontconfig reads its file once per process, so each case has a process of its own
SHOW = """
import io, sys, pathlib
from app.adapters import fonts
fonts.activate(pathlib.Path(sys.argv[1]))
import weasyprint, pypdfium2
style = "font-family: 'Bihuan %s'; white-space: nowrap"
html = "".join(f'<p style="{style % family}">{sys.argv[2]}</p>' for family in fonts.FILES)
pdf = weasyprint.HTML(string=html).write_pdf(uncompressed_pdf=True)
print(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().replace("\\r\\n", "|"))
import re
print(" ".join(sorted({name.decode() for name in re.findall(rb"/BaseFont /[A-Z]+\\+([^\\s/]+)", pdf)})))
"""


def shown(data, text):
    command = [sys.executable, "-c", SHOW, str(data), text]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "notdef" not in done.stderr
    lines, names = done.stdout.splitlines()
    return lines.split("|"), names.split()


here = pytest.mark.skipif(bool(fonts.missing()), reason="python3 manage.py papers")


@here
def test_every_family_prints_what_was_written(tmp_path):
    # 镕 and 埇 are not in the typeface of 仿宋, 䶮 in none but some
    lines, names = shown(tmp_path, "隐患整改通知书〔2026〕镕埇")
    assert lines == ["隐患整改通知书〔2026〕镕埇"] * len(fonts.FILES)
    assert names == sorted(f"Bihuan-{family}" for family in fonts.FILES)


@here
def test_a_bureaus_own_font_comes_first(tmp_path):
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    own = TTFont(fonts.RUNTIME / "fonts" / fonts.FILES["Hei"])
    for record in own["name"].names:
        if record.nameID in (1, 4, 6, 16):
            record.string = "FZXiaoBiaoSong-B05S"
    (tmp_path / "fonts").mkdir()
    own.save(tmp_path / "fonts/FZXBSJW.ttf")
    _, names = shown(tmp_path, "请示")
    assert "FZXiaoBiaoSong-B05S" in names
    assert "Bihuan-XiaoBiaoSong" not in names
    assert "Bihuan-Hei" in names


def test_without_anything_brought_papers_are_missing_with_the_line_to_type(tmp_path):
    papers = fonts.papers(tmp_path)
    assert (papers.state, papers.ready) == ("missing", False)
    assert "manage.py papers" in papers.command
    assert {*fonts.FILES} <= {*fonts.missing(tmp_path)}


def test_what_manage_reports_is_what_the_application_reads(tmp_path, monkeypatch):
    import manage  # noqa: PLC0415

    monkeypatch.setattr(manage, "RUNTIME", tmp_path)
    for missing, state, expected in (
        ([], None, "ready"),
        (["FangSong"], None, "ready"),
        (["pango", "Song"], None, "missing"),
        (["pango"], "working", "working"),
    ):
        manage.report(missing, state)
        papers = fonts.papers(tmp_path)
        assert (papers.state, papers.missing) == (expected, tuple(missing))
        assert ("apt-get install" in papers.command) == ("pango" in missing)
        assert papers.command.endswith("python3 manage.py papers" if missing else "")


def test_work_whose_worker_died_is_not_waited_for(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    told = {"state": "working", "missing": ["pango"], "command": "x", "pid": gone.pid}
    (tmp_path / "papers.json").write_text(json.dumps(told))
    assert fonts.papers(tmp_path).state == "missing"
    (tmp_path / "papers.json").write_text(json.dumps({**told, "pid": os.getpid()}))
    assert fonts.papers(tmp_path).state == "working"


def test_other_rules_have_another_cache(tmp_path):
    first = fonts.write_configuration(None, tmp_path)
    assert fonts.write_configuration(None, tmp_path) == first
    assert fonts.write_configuration(tmp_path / "a&b", tmp_path) != first
