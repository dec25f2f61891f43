"""What a browser says about itself, in words that its owner knows."""

import re
from collections.abc import Sequence

# The first that fits: many browsers name others as well.
BROWSERS: Sequence[tuple[str, str]] = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("wxwork", "企业微信"),
    ("360SE|360EE|QIHU", "360"),
    ("QQBrowser", "QQ"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("OPR", "Opera"),
    ("HeadlessChrome|Chromium|Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS: Sequence[tuple[str, str]] = (
    ("HarmonyOS|OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS X|Macintosh", "macOS"),
    ("Linux|X11", "Linux"),
)
SHOWN = 40


def device(agent: str) -> str:
    """Return the browser and the system that `agent` names, or the beginning of it."""
    found = [_first(table, agent) for table in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in found if name) or agent[:SHOWN]


def _first(table: Sequence[tuple[str, str]], agent: str) -> str:
    return next((name for pattern, name in table if re.search(pattern, agent)), "")
