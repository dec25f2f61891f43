"""Typefaces and typesetting libraries of papers: where they are and whether they are complete.

`manage.py papers` brings them to `.runtime/`, in the background of `run`. Stylesheets name logical
families only: Bihuan FangSong, Kai, Song, Hei, XiaoBiaoSong. A bureau that owns the usual fonts of
方正 or 中易 drops their files into the data folder's `fonts/`; they then come first.
"""

import ctypes
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from xml.sax.saxutils import escape

RUNTIME = Path(__file__).resolve().parents[3] / ".runtime"

# What stands for each family, and the names under which a bureau's own fonts are known
FILES = {
    "FangSong": "FandolFang-Regular.otf",
    "Kai": "LXGWWenKai-Light.ttf",
    "Song": "NotoSerifSC-Regular.ttf",
    "Hei": "NotoSansSC-Regular.ttf",
    "XiaoBiaoSong": "NotoSerifSC-Bold.ttf",
}
OWN = {
    "FangSong": ("仿宋", "FZFangSong-Z02", "FangSong"),
    "Kai": ("楷体", "FZKai-Z03", "KaiTi"),
    "Song": ("书宋", "FZShuSong-Z01", "SimSun", "宋体"),
    "Hei": ("黑体", "FZHei-B01", "SimHei"),
    "XiaoBiaoSong": ("小标宋", "FZXiaoBiaoSong-B05", "XiaoBiaoSong"),
}
# Where a character lacks: FandolFang has no 镕, 喆 or 埇; the light Kai goes best with it
STAND_INS = {
    "FangSong": ("Bihuan Kai", "Bihuan Song"),
    "Kai": ("Bihuan Song",),
    "Song": ("Bihuan Hei",),
    "Hei": ("Bihuan Song",),
    "XiaoBiaoSong": ("Bihuan Song",),
}
SONAMES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz.so.0",
    "libharfbuzz-subset.so.0",
    "libfontconfig.so.1",
)
NORMAL = 80  # fontconfig's number for a weight of 400


@dataclass(frozen=True)
class Papers:
    """How far papers are: `ready`, `working` or `missing`, what lacks, and the line that helps."""

    state: str
    missing: tuple[str, ...] = ()
    command: str = ""

    @property
    def ready(self) -> bool:
        return self.state == "ready"


def papers(runtime: Path = RUNTIME) -> Papers:
    """Read what `manage.py papers` wrote last; cheap enough for every page."""
    try:
        told = json.loads((runtime / "papers.json").read_text())
    except FileNotFoundError:
        told = {"state": "missing", "missing": [], "command": "python3 manage.py papers", "pid": 0}
    state = told["state"]
    if state == "working" and not Path(f"/proc/{told['pid']}").exists():
        state = "missing"  # it was killed; the next start tries again
    return Papers(state, tuple(told["missing"]), told["command"])


def activate(data: Path | None = None, runtime: Path = RUNTIME) -> None:
    """Make this process typeset with these fonts. Call before the first import of WeasyPrint."""
    load_libraries(runtime)
    os.environ["FONTCONFIG_FILE"] = str(write_configuration(data, runtime))


def load_libraries(runtime: Path = RUNTIME) -> None:
    """Load the unpacked libraries where the system has none: what is loaded is found by name."""
    if not missing_libraries():
        return
    waiting = sorted((runtime / "apt/papers").glob("**/lib*.so.*"))
    while waiting:
        left = [path for path in waiting if not _loads(str(path))]
        if len(left) == len(waiting):
            break
        waiting = left


def missing_libraries() -> list[str]:
    return [name for name in SONAMES if not _loads(name)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library, ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True


def missing(runtime: Path = RUNTIME) -> list[str]:
    """Name what papers lack: `pango` or families."""
    load_libraries(runtime)
    families = [name for name, file in FILES.items() if not (runtime / "fonts" / file).is_file()]
    return [*(["pango"] if missing_libraries() else []), *families]


def _strings(names: Iterable[str]) -> str:
    return "".join(f"<string>{escape(name)}</string>" for name in names)


def _known_as(family: str) -> list[str]:
    """List the names under which a bureau's own font of this style may be installed."""
    chinese, foundry, *others = OWN[family]
    founder = [f"方正{chinese}{version}" for version in ("_GBK", "_GB18030", "简体")]
    plain = [chinese, *others]
    return [*founder, foundry, f"{foundry}S", *(f"{name}_GB2312" for name in plain), *plain]


def write_configuration(data: Path | None = None, runtime: Path = RUNTIME) -> Path:
    """Write fontconfig's file: nothing of the system's, so that papers look alike everywhere."""
    folders = [runtime / "fonts", *([data / "fonts"] if data else [])]
    rules = "".join(f"<dir>{escape(str(folder.resolve()))}</dir>" for folder in folders)
    for family, file in FILES.items():
        name, stem = f"Bihuan {family}", escape(file.partition(".")[0])
        rules += (
            f'<match target="scan"><test name="file" compare="contains"><string>{stem}</string>'
            f'</test><edit name="family" mode="prepend"><string>{name}</string></edit>'
            f'<edit name="weight" mode="assign_replace"><int>{NORMAL}</int></edit></match>'
            f'<match target="pattern"><test name="family"><string>{name}</string></test>'
            f'<edit name="family" mode="prepend" binding="strong">{_strings(_known_as(family))}'
            f'</edit><edit name="family" mode="append">{_strings(STAND_INS[family])}</edit></match>'
        )
    # a cache keeps what the rules made of a font, so other rules need another cache
    cache = runtime / "fonts-cache" / sha256(rules.encode()).hexdigest()[:12]
    cache.mkdir(parents=True, exist_ok=True)
    text = f"<fontconfig>{rules}<cachedir>{escape(str(cache))}</cachedir></fontconfig>"
    path = cache / "fonts.conf"
    if not path.exists():
        (draft := cache / f"fonts.{os.getpid()}").write_text(text)
        draft.replace(path)
    return path
