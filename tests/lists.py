"""Lists of enterprises as offices send them, and as nobody should."""

import io
import struct
import zipfile

import openpyxl

HEADING = ["序号", "企业名称", "所在地址", "所属行业", "备注(正常生产/局部生产/停产)"]


def row(number, **changes):
    """Return an invented enterprise as a line of annex 1."""
    cells = {
        "number": number,
        "name": f"兴县试验{number}号有限公司（演示）",
        "address": f"蔚汾镇试验路{number}号",
        "sector": "钢铁",
        "remark": "正常生产",
        **changes,
    }
    return list(cells.values())


def annex(rows, notes=("注：1.本表5月11日前报送。",), heading=HEADING):
    """Return a list laid out as annex 1: titles over all columns, notes below."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["附件1"])
    sheet.append(["重点淘汰行业企业名单"])
    sheet.merge_cells("A2:E2")
    sheet.append(heading)
    for line in rows:
        sheet.append(line)
    sheet.append([])
    for note in notes:
        sheet.append([note])
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_of(rows, encoding="utf-8-sig", mark=","):
    lines = ["重点淘汰行业企业名单", mark.join(HEADING)]
    lines += [mark.join(str(cell) for cell in line) for line in rows]
    lines += ["", "注：以上企业均为虚构"]
    return "\r\n".join(lines).encode(encoding)


def with_part(data, name, content, compress=zipfile.ZIP_DEFLATED):
    """Return a spreadsheet with one part put in or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", compress) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


def sheet_of(body):
    """Return a spreadsheet whose only sheet holds this XML."""
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = f'<?xml version="1.0"?><worksheet xmlns="{namespace}"><sheetData>{body}</sheetData></worksheet>'
    return with_part(annex([]), "xl/worksheets/sheet1.xml", xml)


def bomb():
    """A small file that unpacks to 200 MiB."""
    return with_part(annex([row(1)]), "xl/sharedStrings.xml", b"<si>" + b" " * (200 * 2**20))


def dense_bomb():
    """A file below the limit of size, packed more than a sheet can be."""
    return with_part(annex([row(1)]), "xl/media/a.xml", b"\0" * (60 * 2**20))


def wide():
    """A sheet of one row with a million cells."""
    return sheet_of(
        "<row r='1'>"
        + "".join(f"<c><v>{n * 7919 % 100_003}</v></c>" for n in range(1_000_000))
        + "</row>"
    )


def wide_by_another_name():
    """The same, but the sheet is no part that ends like XML."""
    data = wide()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            told = archive.read(name).replace(b"sheets/sheet1.xml", b"sheets/sheet1.bin")
        data = with_part(data, name, told)
    return with_part(data, "xl/worksheets/sheet1.bin", sheet)


def wide_in_utf_16():
    """The same in an encoding that a parser finds out by itself."""
    data = wide()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    return with_part(data, "xl/worksheets/sheet1.xml", sheet.encode("utf-16-le"))


def crowded():
    """An archive whose directory is longer than all it holds."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(20_000):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")
    return out.getvalue()


def from_the_future():
    """A spreadsheet that asks for a later version of its container than there is."""
    data = bytearray(annex([row(1)]))
    struct.pack_into("<H", data, data.find(b"PK\x01\x02") + 6, 99)
    return bytes(data)


def with_entities():
    xml = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    return with_part(annex([row(1)]), "xl/worksheets/sheet1.xml", xml)


def with_macro():
    return with_part(annex([row(1)]), "xl/vbaProject.bin", b"x")


def lying():
    """A spreadsheet whose directory says a part is smaller than it is."""
    data = bytearray(annex([row(number) for number in range(200)]))
    start = data.rfind(b"xl/worksheets/sheet1.xml") - 46
    assert data[start : start + 4] == b"PK\x01\x02"
    struct.pack_into("<L", data, start + 24, 10)
    return bytes(data)
