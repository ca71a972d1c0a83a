"""`concordat match`: two tables, who is who with reasons, and one clear line for whatever is wrong with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync_pipelines.cli import run
from sync_pipelines.commands import working
from sync_pipelines.identity.columns import detected

CRM = """Account Id,Account Name,Street,City,Zip,Country,Phone,Website,VAT
c1,Müller Werkzeugbau GmbH,Hauptstr. 12,Köln,50667,DE,+49 221 998877,www.mueller-wz.example.de,DE136695976
c2,Nordwind Logistics Ltd,7 Harbour Road,Leeds,LS1 4AP,GB,0113 496 0101,,
c3,宁波永泰机械有限公司,中山东路12号,宁波,315000,CN,0574 87654321,,
c4,Nordwind Logistics Ltd,99 Station Way,Bath,BA1 1AA,GB,0113 496 0101,,
"""
ERP = """number,company,address,town,postcode,land,telephone,homepage,tax number
e1,MUELLER WERKZEUGBAU GES. MIT BESCHRÄNKTER HAFTUNG,Hauptstraße 12,Koeln,50667,DE,0221-998877,,DE 136 695 976
e2,Nordwind Logistics Limited,7 Harbour Rd,Leeds,LS1 4AP,GB,+441134960101,,
e3,寧波永泰機械有限公司,中山东路12号,宁波市,315000,CN,+86 574 8765 4321,,
e9,Somebody Else SA,Rue de Rivoli 1,Paris,75001,FR,+33 1 23 45 67 89,,
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    left, right = tmp_path / "crm.csv", tmp_path / "erp.csv"
    left.write_text(CRM, encoding="utf-8")
    right.write_text(ERP, encoding="utf-8")
    return str(left), str(right)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run(["match", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_firms_are_found_under_other_spellings_scripts_and_headings(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, data = told(capsys, *files, "--map", "id=number")
    decided = {(pair["left"], pair["right"]): pair["decision"] for pair in data["pairs"]}
    assert code == 1
    assert {pair for pair, decision in decided.items() if decision == "link"} == {
        ("c1", "e1"),
        ("c2", "e2"),
        ("c3", "e3"),
    }
    assert decided["c4", "e2"] == "ask"  # name and phone of one firm at another address: a branch?
    assert not any("e9" in pair for pair in decided)


def test_each_score_is_the_sum_of_its_reasons(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    _, data = told(capsys, *files, "--map", "id=number")
    for pair in data["pairs"]:
        assert pair["score"] == pytest.approx(sum(reason["weight"] for reason in pair["for"] + pair["against"]))
        assert all(reason["says"] for reason in pair["for"] + pair["against"])


def test_columns_are_recognised_by_their_headings(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    _, data = told(capsys, *files)
    assert data["left"]["columns"] == {
        "Account Id": "id", "Account Name": "name", "Street": "street", "City": "city", "Zip": "postal_code",
        "Country": "country", "Phone": "phone", "Website": "website", "VAT": "tax_id",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "ids", "taken"),
    [
        ("客户ID", ["1", "2"], True),
        ("CustomerID", ["1", "2"], True),
        ("编码", ["K1", "K2"], True),
        ("客户编码", ["K1", "K2"], True),
        ("partner_code", ["a", "b"], True),
        ("ltable_id", ["a", "b"], True),
        ("Beleg", ["K1", "K2"], True),  # the first column, and unlike in each row
        ("CustomerID", ["1", "1"], False),
        ("Beleg", ["K1", ""], False),
        ("Beleg", ["so it is", "and so"], False),
        ("Phone", ["0221", "0222"], False),
    ],
)
def test_the_ids_of_rows_are_found_under_many_headings(heading: str, ids: list[str], *, taken: bool) -> None:
    found = detected([heading, "Name"], {heading: ids, "Name": ["Acme", "Bolt"]})
    assert (found[heading] == "id") is taken
    assert found["Name"] == "name"


@pytest.mark.parametrize(
    "told",
    [
        "FCUSTID=id FNumber=text FName=name FTAXREGISTERCODE=tax_id FADDRESS=street FTEL=phone FZIP=postal_code",
        "Kundennr=id Firmenname=name Straße=street PLZ=postal_code Ort=city USt-IdNr.=tax_id Telefon=phone",
        "SIREN=tax_id Dénomination=name Adresse_ligne_1=street Code_postal=postal_code Ville=city Téléphone=phone",
        "客户编码=id 客户名称=name 税号=tax_id 开票地址=street 办公电话=phone 联系人手机=phone 状态=text",
        "id=id nazwa=name NIP=tax_id ulica=street kod_pocztowy=postal_code miejscowość=city",
        "CustomerID=id BillingAddressStreet=street BillingAddressPostalCode=postal_code created_by=text",
        "得意先コード=text 会社名=name 住所=street 電話番号=phone 法人番号=tax_id",
        "id=id Number=text Username=text Capacity=text",
    ],
)
def test_exports_of_many_systems_and_countries_need_no_map(told: str) -> None:
    wanted = dict(word.split("=") for word in told.split())
    column = {heading.replace("_", " "): [f"{heading} a", f"{heading} b"] for heading in wanted}
    ids = {heading for heading, role in wanted.items() if role == "id"}
    samples = {heading: ["K1", "K2"] if heading in ids else said for heading, said in column.items()}
    assert detected(list(column), samples) == {heading.replace("_", " "): role for heading, role in wanted.items()}


@pytest.mark.parametrize(
    ("values", "role"),
    [
        (["Acme GmbH", "Borg Holding", "北京晨光有限公司"], "name"),
        (["Acme", "Borg Holding", "Smith"], "text"),
        (["DE811907980", "91440300708461136T"], "tax_id"),
        (["DE811907981", "91440300708461136X"], "text"),
        (["+49 89 1234567", "(0221) 55 66 77", "0755-86013388"], "phone"),
        (["01.02.2024", "03.04.2025"], "text"),
        (["100234", "100235"], "text"),
        (["https://acme.example", "www.borg.example"], "website"),
    ],
)
def test_a_column_of_no_known_name_is_told_by_what_stands_in_it(values: list[str], role: str) -> None:
    assert detected(["Nr", "Whatever"], {"Nr": ["1", "2"], "Whatever": values})["Whatever"] == role


def test_the_order_of_the_tables_changes_no_score(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    _, one = told(capsys, *files, "--map", "id=number")
    _, two = told(capsys, *files[::-1], "--map", "id=number")
    assert {(p["left"], p["right"], p["score"]) for p in one["pairs"]} == {
        (p["right"], p["left"], p["score"]) for p in two["pairs"]
    }


def test_in_several_processes_it_comes_to_the_same(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, alone = told(capsys, *files)
    monkeypatch.setattr(working, "_ALONE", 0)
    monkeypatch.setattr(working, "_cores", lambda: 2)
    monkeypatch.setattr(working, "_BLOCK", 1)
    _, together = told(capsys, *files)
    assert together == alone


def test_one_table_is_searched_for_who_stands_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "all.csv"
    table.write_text(CRM + "c5,Mueller Werkzeugbau,Hauptstraße 12,Köln,50667,DE,0221 998877,,\n", encoding="utf-8")
    _, data = told(capsys, str(table))
    assert ("c1", "c5", "link") in {(pair["left"], pair["right"], pair["decision"]) for pair in data["pairs"]}


def test_what_was_found_is_held_against_the_truth(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = tmp_path / "truth.csv"
    truth.write_text("left,right\nc1,e1\nc2,e2\nc3,e3\n", encoding="utf-8")
    _, data = told(capsys, *files, "--map", "id=number", "--truth", str(truth))
    shares = data["truth"]["shares"]
    assert (shares["precision of links"]["value"], shares["recall of links"]["value"]) == (1.0, 1.0)
    assert {data["truth"][key] for key in ("precision", "recall", "f1")} == {1.0}
    assert data["truth"]["asked"] == 0.25
    assert shares["recall of links"]["low"] == pytest.approx(0.4385, abs=0.0001)  # three of three prove little
    assert (shares["records asked about"]["count"], shares["records asked about"]["of"]) == (1, 4)


def test_a_person_reads_columns_pairs_and_reasons(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    run(["match", *files])
    said = capsys.readouterr().out
    assert "Account Name is name" in said
    assert "same tax number" in said


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        ("", (), "is empty; a heading and a row are needed"),
        ("id,name\n", (), "holds a heading and no rows"),
        ("id,name,name\n1,a,b\n", (), "two columns are called `name`"),
        ("id,colour\n1,red\n", (), "no column holds a name, an address or anything else"),
        (
            "id,name\n1,a\n1,b\n",
            ("--truth", "{truth}", "--map", "id=id"),
            "two rows of the first table have the id `1`",
        ),
        ("id,name\n1,a\n", ("--truth", "{truth}"), "truth.csv:2: no row of the first table has the id `c1`"),
        ("id,name\n1,a\n", ("--map", "name=Firma"), "no column is called `Firma`"),
        ("id,name\n1,a\n", ("--map", "colour=name"), "`colour` is nothing that a column can hold"),
        ("id,name\n1,a\n", ("--map", "name"), "should read like `--map name=Company`"),
        ("id,name\n1,a\n", ("--encoding", "utf-99"), "`utf-99` is no encoding"),
        ("id,name\n1,a\n", ("--ask", "20"), "--ask 20 lies above --link 13"),
    ],
)
def test_what_is_wrong_with_a_table_is_one_line(
    content: str,
    arguments: tuple[str, ...],
    says: str,
    files: tuple[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong, truth = tmp_path / "wrong.csv", tmp_path / "truth.csv"
    wrong.write_text(content, encoding="utf-8")
    truth.write_text("left,right\nc1,e1\n", encoding="utf-8")
    code = run(["match", str(wrong), files[1], *(one.format(truth=truth) for one in arguments)])
    told_ = capsys.readouterr()
    assert (code, told_.out, told_.err.count("\n")) == (2, "", 1)
    assert says in told_.err


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("gb18030", "gb18030"), ("utf-16", ""), ("utf-16", "cp1252"), ("utf-8-sig", "cp1252"), ("utf-8", "gb18030")],
)
def test_two_systems_exports_may_be_written_in_two_encodings(
    encoding: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "编号,公司名称,电话\n{},宁波永泰机械有限公司,0574 87654321\n"
    theirs, ours = tmp_path / "erp.csv", tmp_path / "crm.csv"
    theirs.write_text(rows.format("e1"), encoding=encoding)
    ours.write_text(rows.format("c1"), encoding="utf-8")
    assert run(["match", str(ours), str(theirs), "--json", *(["--encoding", told] if told else [])]) == 0
    (pair,) = json.loads(capsys.readouterr().out)["pairs"]
    assert (pair["left"], pair["right"], pair["decision"]) == ("c1", "e1", "link")


def test_a_file_in_another_encoding_is_said_so_and_read_when_told(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chinese = tmp_path / "gb.csv"
    chinese.write_text("编号,公司名称,电话\n1,宁波永泰机械有限公司,0574 87654321\n", encoding="gb18030")
    assert run(["match", str(chinese)]) == 2
    assert "is not written in utf-8; say in what with --encoding" in capsys.readouterr().err
    assert run(["match", str(chinese), "--encoding", "gb18030"]) == 0


def test_a_file_that_is_not_there_is_one_line(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["match", files[0], "nowhere.csv"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


TWINS = """id,name,street,city,zip,phone,VAT
c5,Brandt Pumpen GmbH,Am Ring 3,Bonn,53111,0228 445566,
c6,Brandt Pumpen,Am Ring 3,Bonn,53111,0228 445566,
"""
ONE = """id,name,street,city,zip,phone,VAT
e5,Brandt Pumpen GmbH,Am Ring 3,Bonn,53111,0228 445566,
"""
NO_TWINS = TWINS.replace("445566,", "445566,DE136695976", 1).replace("445566,\n", "445566,DE811569869\n")


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("rows", "decisions"),
    [
        (TWINS, {"c5": "link", "c6": "ask"}),  # whichever it is, it is that firm; asked about is the other record
        (TWINS.replace("Pumpen,", "Pumpen GmbH,"), {"c5": "link", "c6": "ask"}),  # quite alike: the first
        (NO_TWINS, {"c5": "ask", "c6": "ask"}),  # two firms in one house
    ],
)
def test_of_twins_one_is_linked_and_the_other_is_the_question(
    rows: str, decisions: dict[str, str], *, turned: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left, right = tmp_path / "crm.csv", tmp_path / "erp.csv"
    left.write_text(rows, encoding="utf-8")
    right.write_text(ONE, encoding="utf-8")
    files = (str(right), str(left)) if turned else (str(left), str(right))
    _, data = told(capsys, *files)
    side = "right" if turned else "left"
    assert {pair[side]: pair["decision"] for pair in data["pairs"]} == decisions
