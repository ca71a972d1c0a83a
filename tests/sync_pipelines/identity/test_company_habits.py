"""What people write about firms in Europe and in China, and what it says of whether two records are one."""

import pytest

from mappings.matching import Scoring, Weighed
from sync_pipelines.identity.columns import detected
from sync_pipelines.identity.companies import company
from sync_pipelines.identity.evidence import Frequencies
from sync_pipelines.identity.numbers import phones
from sync_pipelines.identity.places import address, city
from sync_pipelines.identity.scoring import ASK, LINK, Score, prepare, score

SCORING = Scoring(
    {"name": Weighed("company"), "address": Weighed("address"), "phone": Weighed("phone"), "site": Weighed("site"),
     "tax_id": Weighed("tax_id")}
)  # fmt: skip
CREDIT_CODE = "91350100M000100Y43"


def weighed(one: dict[str, str], two: dict[str, str], known: Frequencies | None = None) -> Score:
    """Two records, whose address is one line or, behind `city`, a town alone."""
    mine, yours = (
        prepare({**some, "address": {part: some[part] for part in ("street", "city") if part in some}}, SCORING)
        for some in (one, two)
    )
    return score(mine, yours, SCORING, known or Frequencies())


@pytest.mark.parametrize(
    ("street", "where", "named", "number"),
    [
        ("河南省漯河市召陵区中山路337号", "漯河", "中山路", "337"),
        ("漯河市召陵区中山路337号", "漯河", "中山路", "337"),  # a street that is called after a city
        ("北京市北京市东城区王府井大街1号", "北京", "王府井大街", "1"),
        ("深圳龙岗区坂田街道华为基地1号", "深圳", "坂田街道华为基地", "1"),
        ("广西壮族自治区柳州市柳南区柳太路1号", "柳州", "柳太路", "1"),
        ("台湾新北市土城區中山路66號", "新北", "中山路", "66"),
        ("北京路1号", "", "北京路", "1"),
        ("苏州工业园区星湖街328号", "", "星湖街", "328"),
        ("朝阳门北大街22号", "", "朝阳门北大街", "22"),
    ],
)
def test_a_line_of_chinese_tells_its_city_and_its_street_however_many_regions_stand_in_front(
    street: str, where: str, named: str, number: str
) -> None:
    found = address({"street": street})
    assert (found.city, found.street, found.first) == (where, (named,), number)


@pytest.mark.parametrize(
    ("one", "two"), [("München", "Munich"), ("Πειραιάς", "Piraeus"), ("Den Haag", "'s-Gravenhage"), ("Wien", "Vienna")]
)
def test_a_city_is_the_same_in_two_languages(one: str, two: str) -> None:
    assert city(one) == city(two)


def test_where_nothing_of_two_addresses_can_be_compared_they_are_not_called_other() -> None:
    found = weighed({"name": "Acme GmbH", "city": "Köln"}, {"name": "Acme GmbH", "street": "Hauptstraße 12"})
    assert [reason.level for reason in found.reasons if reason.field == "address"] == []


def test_a_town_alone_does_not_doubt_a_number_and_another_street_does() -> None:
    left = {"name": "蓝天科技", "tax_id": CREDIT_CODE, "city": "绵阳"}
    right = {"name": "绵阳蓝天科技发展有限公司", "tax_id": CREDIT_CODE, "street": "四川省绵阳市涪城区绵兴东路35号"}
    assert weighed(left, right).decision(SCORING) == LINK
    moved = weighed({**left, "street": "人民路900号"}, right)
    assert moved.decision(SCORING) == ASK
    assert "same city, other street: the number may be its head's" in moved.bars


def test_a_town_is_no_place_to_tell_one_branch_from_another() -> None:
    chicago = {"tax_id": "913208791", "country": "US", "city": "Chicago", "site": "lefevre-us.example"}
    head = {"name": "Lefèvre Packaging LLC", **chicago}
    branch = {**head, "name": "Lefèvre Packaging LLC Branch Chicago"}
    street = {"street": "42 West Lake Street"}
    assert weighed(head, {**head, **street}).decision(SCORING) == LINK
    found = weighed(branch, {**branch, **street})
    assert found.decision(SCORING) == ASK
    assert "same city: it may be a branch" in found.bars


@pytest.mark.parametrize(
    ("short", "decision"),
    [("绿城", LINK), ("绿城股份有限公司", ASK)],  # who tells no form may be the group; who tells another one is not
)
def test_a_short_name_with_the_number_of_a_group_is_the_group(short: str, decision: str) -> None:
    found = weighed(
        {"name": short, "tax_id": CREDIT_CODE, "phone": "0571-59932005"},
        {"name": "绿城集团有限公司", "tax_id": CREDIT_CODE, "phone": "057159932005"},
    )
    assert found.decision(SCORING) == decision


def test_an_equal_number_is_asked_about_though_name_and_street_are_others() -> None:
    found = weighed(
        {"name": "老王五金店", "tax_id": CREDIT_CODE, "street": "建设路1号", "city": "东莞"},
        {"name": "华瑞精密模具有限公司", "tax_id": CREDIT_CODE, "street": "深圳市南山区科技路9号"},
    )
    assert found.total < SCORING.ask
    assert found.decision(SCORING) == ASK


def test_two_chinese_names_in_full_that_differ_by_more_than_a_slip_are_not_linked_by_a_phone() -> None:
    told = {"phone": "010-59819253", "street": "北京市海淀区北四环西路9号"}
    assert (
        weighed({"name": "北京三快科技有限公司", **told}, {"name": "北京三快科技有限公司", **told}).decision(SCORING)
        == LINK
    )
    found = weighed({"name": "北京三快在线科技有限公司", **told}, {"name": "北京三快科技有限公司", **told})
    assert found.decision(SCORING) == ASK
    assert "both names are in full, and differ" in found.bars


def test_a_house_of_many_and_a_domain_do_not_tell_one_member_of_a_group_from_another() -> None:
    told = {"street": "Freie Strasse 68", "city": "Basel", "site": "novartis.ch"}
    crowded = Frequencies({"address:68 freie": 2.0})
    one, two = {"name": "Novartis", **told}, {"name": "Novartis International AG", **told}
    assert weighed(one, two).decision(SCORING) == LINK
    assert weighed(one, two, crowded).decision(SCORING) == ASK
    assert weighed(one, {**two, "name": "Novartis AG"}, crowded).decision(SCORING) == LINK


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("F.lli Rossi", "Fratelli Rossi S.n.c."),
        ("Brdr. Jensen", "Brødrene Jensen ApS"),
        ("De Jong & Zn.", "De Jong en Zonen B.V."),
        ("Ets. Martin", "Établissements Martin SARL"),
        ("Tischlerei Vogt", "Tischlerei Vogt, Inh. Uwe Vogt"),
        ("Gelateria Esposito", "Gelateria Esposito & C. S.a.s."),
        ("Hanácká pekárna", "Hanácká pekárna spol. s r.o."),
        ("Papadopoulos", "ΠΑΠΑΔΟΠΟΥΛΟΣ Α.Ε."),
    ],
)
def test_names_are_one_however_they_are_shortened(one: str, two: str) -> None:
    assert company(one).said == company(two).said


def test_a_trade_that_is_told_in_more_words_is_the_same_trade() -> None:
    levels = [reason.level for reason in weighed({"name": "康泰医疗"}, {"name": "武汉康泰医疗器械有限公司"}).reasons]
    assert levels == ["similar"]


def test_an_inside_line_is_cut_off_and_a_mobile_phone_says_nothing_against_a_line() -> None:
    assert phones("0558-84101154-599") == phones("(0558)84101154")
    assert phones("010-75775391-838") == phones("010 75775391")
    assert phones("0711 2345678-12") != phones("0711 2345678")
    found = weighed({"name": "Acme", "phone": "13812345678"}, {"name": "Acme", "phone": "0558-84101154"})
    assert [reason.field for reason in found.reasons] == ["name"]


@pytest.mark.parametrize(
    ("headings", "rows", "wanted"),
    [
        (["Account Number", "Account Name"], [["ACC-10023", "Acme"], ["ACC-10024", "Bolt"]], ["id", "name"]),
        (["Debitor", "Name 1"], [["200036", "Acme"], ["200039", "Bolt"]], ["id", "name"]),
        (["Debitor", "Ort"], [["Acme GmbH", "Köln"], ["Bolt AG", "Bonn"]], ["name", "city"]),
        (["客户", "全称"], [["C00023", "甲公司"], ["C00024", "乙公司"]], ["id", "name"]),
    ],
)
def test_a_column_that_is_called_like_a_name_and_holds_codes_is_none(
    headings: list[str], rows: list[list[str]], wanted: list[str]
) -> None:
    samples = {heading: [row[place] for row in rows] for place, heading in enumerate(headings)}
    assert list(detected(headings, samples).values()) == wanted
