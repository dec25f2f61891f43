"""What second signatures (SM2) are made with: the library is beside the product, if at all."""

import sys
from functools import cache
from pathlib import Path

import pytest

from app.adapters.signature import sm2

FOLDER = Path(__file__).resolve().parents[1] / ".runtime/sm2"


@cache
def ready() -> bool:
    """Test whether SM2 is there, with Python's library made importable."""
    sys.path.append(str(FOLDER))
    return sm2.ready()


needed = pytest.mark.skipif(
    not ready(), reason="NO SM2: `manage.py test` brings it; no second signature was made"
)
