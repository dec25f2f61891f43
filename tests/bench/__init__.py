"""The gates of the design, measured in one run beside a naive floor: `manage.py bench [papers] [--json]`.

A figure is a ratio wherever the machine's speed would tell in it. CPU is what client and database
spent together.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, its gate, and whether it holds."""

    name: str
    value: float
    gate: float
    unit: str = ""
    least: bool = False
    """Whether the gate is what the figure has to reach, not what it has to stay below."""

    @property
    def ok(self) -> bool:
        return self.value >= self.gate if self.least else self.value <= self.gate
