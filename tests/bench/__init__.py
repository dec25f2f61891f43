"""The gates of the design, measured in one run beside a naive floor: `manage.py bench [--json]`.

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

    @property
    def ok(self) -> bool:
        return self.value <= self.gate
