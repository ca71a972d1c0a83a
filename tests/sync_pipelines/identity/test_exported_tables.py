"""Tables as spreadsheet programs and portals leave them are read as if they were plain, or refused with the line."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync_pipelines.cli import run
from sync_pipelines.identity.spreadsheets import plain

HEADINGS = ["Kundennr", "Firma", "Straße", "PLZ", "Ort", "Telefon"]
ROWS = [
    ["00123", "Müller Werkzeugbau GmbH", "Hauptstr. 12, Hinterhaus", "01067", "Dresden", "0351 998877"],
    ["00124", "Van der Berg B.V.", "Markt 4", "2511", "'s-Gravenhage", "070 1234567"],
    ["00125", "Brandt Pumpen AG", "Am Ring 3", "53111", "Bonn", "0228 445566"],
]
OURS = """id,name,street,zip,city,phone
00123,Mueller Werkzeugbau,Hauptstraße 12,01067,Dresden,0351/998877
00124,Van der Berg,Markt 4,2511,'s-Gravenhage,070 1234567
00125,Brandt Pumpen,Am Ring 3,53111,Bonn,0228/445566
"""


def lines(rows: list[list[str]], sign: str = ";") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=sign).writerows(rows)
    return text.getvalue()


def each(do: Callable[[str], str], *, but: int = -1) -> list[list[str]]:
    return [HEADINGS, *([cell if place == but else do(cell) for place, cell in enumerate(row)] for row in ROWS)]


PLAIN = [HEADINGS, *ROWS]
LEFT_AS: dict[str, str] = {
    "plain": lines(PLAIN, ","),
    "formulas": lines(each('="{}"'.format), ","),
    "formulas, bare": "\n".join(";".join(row) for row in each('="{}"'.format)),
    "formulas in the headings, too": lines([[f'="{cell}"' for cell in row] for row in PLAIN]),
    "apostrophes": lines(each("'{}".format)),
    "apostrophes on numbers alone": lines(each(lambda cell: f"'{cell}" if cell[0].isdigit() else cell)),
    "quoted by apostrophes": lines(each("'{}'".format, but=4)),
    "sep=;": "sep=;\r\n" + lines(PLAIN),
    "sep=; and a comma in each heading": "SEP=;\n" + lines(PLAIN).replace("Straße", "Straße, Nr"),
    "a blank line and sep=;": "\n\nsep=;\n" + lines(PLAIN),
    "sep= in quotes": '"sep=;"\n' + lines(PLAIN),
    "sep= a tab": "sep=\t\n" + lines(PLAIN, "\t"),
    "sep= a sign of its own": "sep=^\n" + lines(PLAIN, "^"),
    "a title": "Kundenliste\n" + lines(PLAIN),
    "a title with commas": "Kunden, Stand 1.1.2024, Köln\n" + lines(PLAIN),
    "a title as wide as the table": lines([["Kunden 2024", "", "", "", "", ""], *PLAIN], ","),
    "a title and a day beside it": lines([["Kunden", "", "Stand", "01.01.2024", "", ""], *PLAIN]),
    "titles and blank lines": lines([["Muster AG"], [""] * 6, ["Kunden", "2024"], [], *PLAIN]),
    "names of groups of columns": lines([["Kunde", "", "Anschrift", "", "", "Kontakt"], *PLAIN]),
    "sep= and a title": "sep=;\n" + lines([["Kundenliste"], *PLAIN]),
    "blank columns behind": lines([[*row, "", "", ""] for row in PLAIN]),
    "blank columns between": lines([[*row[:2], "", "", *row[2:]] for row in PLAIN]),
    "blank rows behind": lines([*PLAIN, [""] * 6, ['=""'] * 6]),
    "blank rows before": "\r\n" + lines([[""] * 6, *PLAIN]),
}


@pytest.fixture
def matched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    ours = tmp_path / "crm.csv"
    ours.write_text(OURS, encoding="utf-8")

    def with_this(content: bytes, *told: str) -> tuple[int, Any, str]:
        theirs = tmp_path / "erp.csv"
        theirs.write_bytes(content)
        code = run(["match", str(ours), str(theirs), "--json", *told])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err.replace(str(tmp_path), "")

    return with_this


def linked(data: Any) -> set[tuple[str, str]]:
    return {(pair["left"], pair["right"]) for pair in data["pairs"] if pair["decision"] == "link"}


SAME = {(row[0], row[0]) for row in ROWS}


@pytest.mark.parametrize("written", list(LEFT_AS))
def test_a_table_is_matched_as_if_it_were_plain(written: str, matched: Callable[..., Any]) -> None:
    code, data, _ = matched(LEFT_AS[written].encode())
    assert (code, linked(data), data["right"]["rows"]) == (0, SAME, 3)
    _, plain, _ = matched(LEFT_AS["plain"].encode())
    assert data["pairs"] == plain["pairs"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('="00123"', "00123"),
        ('="say ""so"""', 'say "so"'),
        ('=""', ""),
        ("=A1", "=A1"),
        ("'00123", "00123"),
        ("'+49 351", "+49 351"),
        ("'S-100", "S-100"),
        ("'Acme'", "Acme"),
        ("''t Hart", "'t Hart"),
        ("'", ""),
        ("'s-Gravenhage", "'s-Gravenhage"),
        ("'t Hart", "'t Hart"),
        ("Rock 'n' Roll", "Rock 'n' Roll"),
    ],
)
def test_what_marks_a_cell_as_text_is_taken_off_and_what_is_its_own_is_not(cell: str, value: str) -> None:
    assert plain([cell]) == [value]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-16-le", ()),
        ("utf-16-be", ()),
        ("utf-16-be", ("--encoding", "utf-16")),
        ("utf-8-sig", ()),
        ("cp1252", ("--encoding", "cp1252")),
    ],
)
def test_a_table_without_a_byte_order_mark_is_read(
    encoding: str, told: tuple[str, ...], matched: Callable[..., Any]
) -> None:
    code, data, _ = matched(("sep=;\n" + lines(PLAIN)).encode(encoding), *told)
    assert (code, linked(data)) == (0, SAME)


def test_a_column_without_a_heading_is_called_by_its_place(matched: Callable[..., Any]) -> None:
    nameless = [["", *HEADINGS[1:5], "", ""], *([*row, ""] for row in ROWS)]  # as an index column, and a forgotten one
    code, data, _ = matched(lines(nameless).encode())
    assert (code, linked(data)) == (0, SAME)
    assert list(data["right"]["columns"].items())[::5] == [("column 1", "id"), ("column 6", "phone")]
    code, data, _ = matched(lines(nameless).encode(), "--map", "phone=column 6")
    assert linked(data) == SAME


TITLED = "Report\n" + lines([["Foo", "Bar", "Baz"], ["1", "Acme", "Köln"], ["2", "Bolt", "Bonn"]])
CRAMMED = lines([["Kunden", "aus", "dem", "ERP", "", ""], *PLAIN])


@pytest.mark.parametrize(
    ("content", "told", "says"),
    [
        (TITLED.encode(), (), "/erp.csv:1: has 1 cell filled where the rows below have 3; headings should stand here"),
        (b"sep=;\n\n" + TITLED.encode(), (), "/erp.csv:3: has 1 cell filled"),
        (CRAMMED.encode(), (), "/erp.csv:2: these read like the headings; delete what stands above them"),
        (b"Kunden;2024\nFirma;Ort\nAcme;Bonn\n", (), "/erp.csv:2: these read like the headings"),
        (b"sep=;\n", (), "/erp.csv: is empty"),
        (b"Kundenliste\nFirma;Ort\n", (), "/erp.csv: holds a heading and no rows"),
        (lines(PLAIN).encode("cp1252"), (), "/erp.csv: is not written in utf-8; say in what with --encoding (gb18030,"),
        (b"id,name\n1,M\x9d\xfc\n", ("--encoding", "cp1252"), "/erp.csv: is not written in cp1252; say in what"),
        (b"id,name\n1,M\xfcller\n", ("--encoding", "ascii"), "/erp.csv: is not written in ascii; say in what"),
        (b"id,name\n1,M\xfcller\n", ("--encoding", "base64"), "`base64` is no encoding"),
    ],
)
def test_what_cannot_be_told_is_one_line_that_names_the_line(
    content: bytes, told: tuple[str, ...], says: str, matched: Callable[..., Any]
) -> None:
    code, data, err = matched(content, *told)
    assert (code, data, err.count("\n")) == (2, None, 1)
    assert says in err


@pytest.mark.parametrize(
    "content",
    [
        "id,name,city\n1,Acme,No\n2,ID,State\n",  # data that happens to be called like columns
        "Beleg,Firma\n1,Name\n2,Ort\n",
        ",name\n1,Acme\n2,Bolt\n",
        "name\nAcme\nBolt\n",
        "name;address\nAcme;1, High Street, Leeds, UK\nBolt;2, Low Street, Leeds, UK\n",
    ],
)
def test_a_first_line_that_fits_is_the_headings(content: str, matched: Callable[..., Any]) -> None:
    _, data, err = matched(content.encode())
    assert err == ""
    assert data["right"]["rows"] == len(content.splitlines()) - 1
