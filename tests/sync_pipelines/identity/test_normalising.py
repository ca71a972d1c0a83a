"""How names, addresses, phones, tax numbers and web names are compared. Never written back, so only sameness counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.matching import WEIGHTS, Scoring, Weighed
from mappings.values import Values
from sync_pipelines.identity import numbers, places, web
from sync_pipelines.identity.companies import company, in_latin
from sync_pipelines.identity.evidence import Frequencies, rare
from sync_pipelines.identity.folding import bones, fold
from sync_pipelines.identity.persons import person
from sync_pipelines.identity.scoring import Score, prepare, score
from sync_pipelines.identity.words import legal_forms, mail, suffixes


def weighed(kind: str, one: str, two: str) -> Score:
    scoring = Scoring({"field": Weighed(kind)})
    return score(prepare({"field": one}, scoring), prepare({"field": two}, scoring), scoring, Frequencies())


def level(kind: str, one: str, two: str) -> str:
    """The first outcome of two values of a kind; empty where they cannot be compared."""
    reasons = weighed(kind, one, two).reasons
    return reasons[0].level if reasons else ""


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("Siemens AG", "SIEMENS Aktiengesellschaft", "same"),
        ("Volkswagen Bank G.m.b.H.", "Volkswagen Bank GmbH", "same"),
        ("Müller & Söhne KG", "Mueller und Soehne KG", "same"),
        ("The Coca-Cola Company", "Coca Cola Co.", "same"),
        ("J.P. Morgan & Co.", "JP Morgan & Co", "same"),
        ("ＡＣＭＥ　Ｌｔｄ", "Acme Limited", "same"),  # full-width
        ("ООО Ромашка", "Romashka OOO", "same"),
        ("Kowalski Sp. z o.o.", "KOWALSKI spółka z ograniczoną odpowiedzialnością", "same"),
        ("First International Bank", "1st Intl. Bank", "same"),
        ("宁波永泰机械有限公司", "寧波永泰機械有限公司", "same"),  # simplified and traditional
        ("永泰（宁波）机械有限公司", "宁波永泰机械股份有限公司", "same"),
        ("宁波市永泰机械有限公司", "宁波永泰机械有限公司", "same"),
        ("永泰机械", "宁波永泰机械有限公司", "close"),  # the short name
        ("永泰中国", "永泰（中国）有限公司", "same"),  # as people write it, and as it is registered
        ("宁波永泰机械有限公司", "Ningbo Yongtai Machinery Co., Ltd.", "sound"),
        ("Crystalord Systems Ltd", "Cristalord Systems Limited", "close"),
        ("Siemens", "Siemens Mobility GmbH", "part"),
        ("Bowne Fund 2 LP", "Bowne Fund 3 LP", "partly"),
        ("宁波永泰机械有限公司", "宁波永泰纺织有限公司", "partly"),
        ("Acme GmbH", "Zenith GmbH", "different"),
        ("宁波永泰机械有限公司", "上海华信电子科技有限公司", "different"),
    ],
)
def test_two_names_of_firms(one: str, two: str, expected: str) -> None:
    assert level("company", one, two) == expected


@pytest.mark.parametrize(
    ("one", "two", "beside"),
    [
        ("Acme GmbH", "Acme GmbH Niederlassung Köln", "branch"),
        ("Acme GmbH Filiale Bonn", "Acme GmbH Filiale Trier", "branch"),
        ("宁波永泰机械有限公司", "宁波永泰机械有限公司上海分公司", "branch"),
        ("宁波永泰机械上海分公司", "宁波永泰机械股份公司上海分公司", "branches"),  # by the region at its end
        ("宁波永泰机械上海分公司", "宁波永泰机械股份公司南京分公司", "branch"),
        ("Ningbo Yongtai Machinery Co., Ltd. Shanghai Branch", "宁波永泰机械有限公司上海分公司", "branches"),
        ("Acme SAS", "Acme SAS Agence Toulouse", "branch"),
        ("永泰集团有限公司", "永泰机械有限公司", "group"),
        ("Anna Schmidt", "Brandt Werkzeugbau GmbH", "person"),
        ("Acme GmbH", "Acme AG", "form"),
    ],
)
def test_what_tells_a_firm_from_its_branch_its_head_and_its_people(one: str, two: str, beside: str) -> None:
    assert beside in {reason.level for reason in weighed("company", one, two).reasons}


def test_a_branch_is_itself_however_its_umlauts_are_written() -> None:
    said = weighed("company", "Acme GmbH Niederlassung Nürnberg", "Acme GmbH Niederlassung Nuernberg").reasons
    assert "branch" not in {reason.level for reason in said}


def test_legal_forms_of_forty_jurisdictions_are_known() -> None:
    assert len(legal_forms.FORMS) >= 40
    for spellings in legal_forms.FORMS.values():
        for spelling in (one.strip() for entry in spellings for one in entry.split("|")):
            assert company(f"Zenithora {spelling}").core == ("zenithora",), spelling


def test_a_name_that_is_only_a_form_keeps_its_words() -> None:
    assert company("Limited").core == ("limited",)


def test_a_chinese_name_is_told_in_latin_letters() -> None:
    assert [word.text for word in in_latin(company("宁波永泰机械有限公司")).words] == ["ningbo", "yongtai", "machinery"]


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("Anna Schmidt", "SCHMIDT, Anna", "same"),
        ("Dr. Anna Schmidt", "Anna Schmidt", "same"),
        ("王建国", "王建國先生", "same"),
        ("王建国", "Wang Jianguo", "sound"),
        ("王建国", "Jianguo Wang", "sound"),
        ("A. Schmidt", "Anna Schmidt", "similar"),
        ("Anna Schmidt", "Berta Kowalski", "different"),
    ],
)
def test_two_names_of_persons(one: str, two: str, expected: str) -> None:
    assert level("person", one, two) == expected


def test_titles_are_left_out() -> None:
    assert person("Herr Dr. Ing. Karl Lang") == ("karl", "lang")


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("+49 (0)221 99 88 77", "0221/998877", "same"),
        ("+49 221 998877", "0049221998877", "same"),
        ("310/246-1501", "310-246-1501", "same"),
        ("0574 8765 4321 ext. 12", "+86 574 87654321", "same"),
        ("0221 998877 / 0171 2345678", "+49 171 2345678", "same"),
        ("+49 221 998877", "+49 221 998878", "switchboard"),
        ("+49 221 998877", "+49 221 948877", "close"),
        ("+49 221 998877", "+43 221 998877", "switchboard"),
        ("+49 221 998877", "+49 30 123456", "different"),
        ("12", "+49 30 123456", ""),
    ],
)
def test_two_phones(one: str, two: str, expected: str) -> None:
    assert level("phone", one, two) == expected


def test_a_phone_is_told_in_e164_where_the_country_is_known() -> None:
    assert numbers.phones("0221 998877", "49") == {"+49221998877"}


@pytest.mark.parametrize(
    ("text", "proven"),
    [
        ("DE136695976", True), ("DE 136 695 977", False), ("DE123", None), ("91110000600037341L", True),
        ("91110000600037342L", False), ("FR40303265045", True), ("FR41303265045", False), ("IT00743110157", True),
        ("BE0428759497", True), ("PL8567346215", True), ("DK13585628", True), ("FI20774740", True),
        ("SE123456789701", True), ("PT501964843", True), ("360155752", None),
    ],
)  # fmt: skip
def test_check_digits_of_tax_numbers(text: str, proven: bool | None) -> None:
    told = numbers.tax_id(text)
    assert told is None or told.proven is proven


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("DE136695976", "136 695 976", "same"),
        ("DE136695976", "DE136695967", "close"),  # turned digits, and the check digit says so
        ("DE136695976", "DE811907980", "different"),
        ("00000000", "DE811907980", ""),
        ("n/a", "DE811907980", ""),
    ],
)
def test_two_tax_numbers(one: str, two: str, expected: str) -> None:
    assert level("tax_id", one, two) == expected


@pytest.mark.parametrize(
    ("host", "registered"),
    [
        ("www.acme.de", "acme.de"), ("shop.acme.co.uk", "acme.co.uk"), ("acme.com.cn", "acme.com.cn"),
        ("a.b.acme.com", "acme.com"), ("acme.myshopify.com", "acme.myshopify.com"), ("co.uk", "co.uk"),
        ("firma.waw.pl", "firma.waw.pl"), ("media.acme.fr", "acme.fr"), ("localhost", ""), ("", ""),
    ],
)  # fmt: skip
def test_under_what_somebody_registered(host: str, registered: str) -> None:
    assert web.registered(host) == registered


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("Anna@Acme.de", "anna@acme.de", "same"),
        ("anna@acme.de", "info@acme.de", "domain"),
        ("anna@gmail.com", "berta@gmail.com", "different"),  # free mail says nothing
        ("anna.schmidt@gmail.com", "anna.schmidt@gmx.de", "local"),
        ("info@acme.de", "info@zenith.de", "different"),
        ("anna@acme.de", "ana@acme.de", "domain"),
        ("anna+shop@acme.de", "anna@acme.de", "same"),
        ("nobody", "anna@acme.de", ""),
    ],
)
def test_two_addresses_of_mail(one: str, two: str, expected: str) -> None:
    assert level("email", one, two) == expected


@pytest.mark.parametrize("page", ["https://www.facebook.com/acme", "gmail.com", "acme@qq.com", "example.com"])
def test_a_page_among_strangers_is_no_web_site(page: str) -> None:
    assert web.site(page) == ""


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("8716 S. Wallace", "8716 South Wallace Street", "same"),
        ("Hauptstr. 12", "Hauptstraße 12", "same"),
        ("12 Rue de Rivoli", "12, rue de Rivoli", "same"),
        ("402 W. 44th St. Suite 5", "402 W 44th Street", "same"),
        ("浙江省宁波市海曙区中山东路12号", "中山东路12号", "same"),
        ("Hauptstr. 12", "Hauptstr. 14", "city"),
        ("Hauptstr. 12", "Bahnhofstr. 3", "different"),
    ],
)
def test_two_addresses(one: str, two: str, expected: str) -> None:
    assert level("address", one, two) == expected


def by_country(one: str, two: str) -> str:
    scoring = Scoring({"field": Weighed("address")})
    told: list[Values] = [{"field": {"street": "Hauptstr. 12", "country": country}} for country in (one, two)]
    here, there = told
    (reason,) = score(prepare(here, scoring), prepare(there, scoring), scoring, Frequencies()).reasons
    return reason.level


@pytest.mark.parametrize("country", ["AT", "Austria", "Österreich", "奥地利"])
def test_an_address_in_another_country_is_another_address(country: str) -> None:
    assert by_country("DE", country) == "country"


@pytest.mark.parametrize("country", ["Germany", "DEU", "de", "Deutschland", "Allemagne", "德国", "nowhere"])
def test_one_country_is_the_same_in_any_words_and_an_unknown_one_speaks_against_nobody(country: str) -> None:
    assert by_country("DE", country) == "same"


def test_a_rare_word_says_more_than_a_common_one() -> None:
    known = Frequencies(rare=rare({"nordwind": 2, "logistik": 900, "seefracht": 2}, 1000))
    scoring = Scoring({"field": Weighed("company")})
    base = prepare({"field": "Nordwind Logistik"}, scoring)
    same_rare, same_common = (
        prepare({"field": name}, scoring) for name in ("Nordwind Seefracht", "Seefracht Logistik")
    )
    assert score(base, same_rare, scoring, known).total > score(base, same_common, scoring, known).total


# --- laws -----------------------------------------------------------------------------------------------------------

texts = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="äöüßÄÉłøŁ ıİ，（）ＡＢ寧機ΑΒабв'’.&", max_size=20),
    st.sampled_from(
        ["宁波永泰机械有限公司", "Müller & Söhne GmbH & Co. KG", "a.b@c.de", "+49 221 1", "DE136695976", "12 High St"]
    ),
)


@given(texts)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_bones_twice_are_bones(text: str) -> None:
    assert bones(bones(text)) == bones(text)


@given(texts)
def test_a_registered_domain_is_registered_under_itself(text: str) -> None:
    assert web.registered(web.registered(text)) == web.registered(text)


@pytest.mark.parametrize("kind", sorted(WEIGHTS))
@given(one=texts, two=texts)
def test_a_score_is_the_same_both_ways_and_the_sum_of_its_reasons(kind: str, one: str, two: str) -> None:
    here, there = weighed(kind, one, two), weighed(kind, two, one)
    assert here.total == there.total
    assert here.total == pytest.approx(sum(reason.weight for reason in here.reasons), abs=0.01)


@pytest.mark.parametrize("kind", sorted(WEIGHTS))
@given(text=texts)
def test_a_value_never_speaks_against_itself(kind: str, text: str) -> None:
    assert weighed(kind, text, text).total >= 0


def test_every_outcome_has_a_weight_and_every_list_is_in_its_folded_spelling() -> None:
    for word in (*mail.FREE_MAIL, *mail.PLATFORMS, *mail.ROLES, *suffixes.HOSTED, *places.STREETS):
        assert fold(word) == word
