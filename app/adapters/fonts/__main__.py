"""Steps of `manage.py papers` that need packages: `missing`, `build` and `extract`."""

import subprocess
import sys
import tarfile
from pathlib import Path

from app.adapters.fonts import FILES, missing

SOURCES = {
    "Song": "@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf",
    "XiaoBiaoSong": "@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf",
    "Hei": "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    # said to be the Latin part, it is the whole font
    "Kai": "@fontsource/lxgw-wenkai/files/lxgw-wenkai-latin-300-normal.woff2",
}


def build(modules: Path, fonts: Path) -> None:
    """Make whole TrueType files: the typesetter takes 20 seconds to read a compressed one."""
    from fontTools.ttLib.woff2 import decompress  # noqa: PLC0415

    fonts.mkdir(exist_ok=True)
    for family, source in SOURCES.items():
        draft = fonts / f"{family}.new"
        if source.endswith(".woff2"):
            decompress(str(modules / source), str(draft))
        else:
            draft.write_bytes((modules / source).read_bytes())
        draft.replace(fonts / FILES[family])


def extract(package: Path, fonts: Path) -> None:
    """Take the one file of 仿宋 out of a Debian package of 50 MB."""
    fonts.mkdir(exist_ok=True)
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as child,  # noqa: S603
        tarfile.open(fileobj=child.stdout, mode="r|") as archive,
    ):
        for member in archive:
            if member.name.endswith(f"/{FILES['FangSong']}") and (
                file := archive.extractfile(member)
            ):
                draft = fonts / "FangSong.new"
                draft.write_bytes(file.read())
                draft.replace(fonts / FILES["FangSong"])


def main() -> None:
    step, *paths = sys.argv[1:]
    runtime = Path(paths[-1])
    if step == "missing":
        sys.stdout.write(" ".join(missing(runtime)))
    else:
        {"build": build, "extract": extract}[step](Path(paths[0]), runtime / "fonts")


main()
