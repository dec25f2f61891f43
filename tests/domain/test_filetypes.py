"""What a file is told by what is in it, whatever is in it."""

import io
import struct
import zipfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.filetypes import OFFICE, kind_of

WORD = "word/document.xml"


def container(*names):
    """Return a container of parts with names in Chinese and of the large sort (zip64)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            part = zipfile.ZipInfo(name)
            part.extra = struct.pack("<HHQQ", 1, 16, 5, 5)
            archive.writestr(part, b"hello")
    return file.getvalue()


def large(data):
    """Return a container whose directory is found by the records for large ones."""
    end, directory = data.rindex(b"PK\x05\x06"), data.index(b"PK\x01\x02")
    number = data.count(b"PK\x01\x02")
    size = end - directory
    record = struct.pack(
        "<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, number, number, size, directory
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    return data[:end] + record + locator + data[end:]


WHOLE = container(WORD, "word/图片.xml", "docProps/app.xml")
CONTAINERS = [WHOLE, large(WHOLE)]


@pytest.mark.parametrize("data", CONTAINERS)
def test_a_container_is_told_by_its_parts(data):
    assert kind_of(data) == OFFICE[WORD]
    assert kind_of(container("word/other.xml")) is None
    assert kind_of(container(WORD, "word/vbaProject.bin")) is None


def damaged(data, edits):
    """Return `data` with some bytes from the end, where the directory is, put in other's place."""
    for back, old, new in edits:
        at = max(4, len(data) - back)
        data = data[:at] + new + data[at + old :]
    return data


NAME = len(WHOLE) - WHOLE.rindex("图".encode())  # in the directory
VERSION = len(WHOLE) - WHOLE.rindex(b"PK\x01\x02") - 6  # that a reader needs
EDITS = st.lists(
    st.tuples(
        st.integers(0, len(CONTAINERS[1])),
        st.integers(0, 8),
        st.binary(max_size=8) | st.sampled_from([b"\xff" * 4, b"\xff" * 8, b"\x00" * 8]),
    ),
    min_size=1,
    max_size=6,
)


@given(st.sampled_from(CONTAINERS), EDITS)
@example(WHOLE, [(NAME, 1, b"\xff")])  # no UTF-8
@example(WHOLE, [(VERSION, 1, b"\xff")])
@example(large(WHOLE), [(22 + 20 + 16, 8, b"\xff" * 8)])  # a directory without end
def test_a_damaged_container_is_told_or_not_taken(data, edits):
    assert kind_of(damaged(data, edits)) in (None, OFFICE[WORD])
