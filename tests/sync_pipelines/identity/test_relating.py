"""How two values differ, in words of which none is anybody's."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mappings.book import FieldSpec
from mappings.values import Value
from sync_pipelines.identity.relating import relation


def told(said: Value, wanted: Value, of: str = "text", privacy: str = "public") -> str:
    return relation(said, wanted, FieldSpec("field", of, "something", privacy))


@pytest.mark.parametrize(
    ("said", "wanted", "how"),
    [
        ("ACME GMBH", "Acme GmbH", "only case (in capitals)"),
        ("Acme GmbH", "ACME GMBH", "only case (the other is in capitals)"),
        ("acme GmbH", "Acme GmbH", "only case"),
        ("Acme  GmbH", "Acme GmbH", "only spaces"),
        ("Acme（深圳）", "Acme(深圳)", "only full-width and half-width signs"),
        ("無錫萬榮", "无锡万荣", "only traditional characters"),
        ("无锡万荣", "無錫萬榮", "only simplified characters"),
        ("Mueller", "Müller", "only umlauts in two letters"),
        ("Muller", "Müller", "only accents"),
        ("Cafe\u0301", "Café", "only how letters are put together"),
        ("Vitafield VOF", "Vitafield V.O.F.", "only punctuation"),
        ("VISSER KG", "Visser K.G.", "only case (in capitals) and punctuation"),
        ("Arofield B.V.", "Aerofield B.V.", "a letter or two differ"),
        ("成都宏源家具", "成都宏源家具股份有限公司", "legal form missing"),
        ("HYDROWERK", "Hydrowerk SARL", "legal form missing, in capitals"),
        ("Hydrowerk SARL", "Hydrowerk", "legal form, which the other has not"),
        ("青岛天康纺织有限责任公司", "青岛天康纺织有限公司", "other legal form"),
        ("Bluewave Aktiengesellschaft", "Bluewave AG", "legal form written otherwise"),
        ("Hangzhou Hualong Chemical", "杭州华隆化工有限公司", "in Latin letters, by its sound"),
        ("杭州华隆化工有限公司", "Wavepoint Trading", "in Chinese characters, and not by its sound"),
        ("Data", "Acme Data Systems", "shorter: a part of the other"),
        ("Acme Data Systems", "Data", "longer: the other is a part of it"),
        ("Pembroke Jansen", "Jansen Pembroke", "the same words in another order"),
        ("Acme Manufacturing of Lo", "Acme Manufacturing of London", "cut at 24 characters"),
        ("Acme Manufacturing of London", "Acme Manufacturing of Lo", "the other is cut at 24 characters"),
        ("Hansen & Caver", "Hansen & Carver", "a letter or two differ"),
        ("Firm 12 East", "Firm 13 East", "a digit or two differ"),
        ("Beta Optics", "Acme GmbH", "no word in common"),
        ("Kunde 1", "Firm 1", "no word in common"),
        ("Beta Optics", "Beta Logistics", "some words are others"),
        ("12345", "AB12345", "999… ≠ AA999…"),
        ("+49 30 999999", "+49 30 55501", "other signs of the same shape (+99 99 999…)"),
        ("K-1017", "K-9925", "other signs of the same shape (A-999…)"),
        (None, "Acme", "missing, and there with the other"),
        ("Acme", "", "there, and missing with the other"),
    ],
)
def test_of_two_texts_their_relation_is_told(said: Value, wanted: Value, how: str) -> None:
    assert told(said, wanted) == how


@pytest.mark.parametrize(
    ("of", "said", "wanted", "how"),
    [
        ("phone", "030 1234567", "+49301234567", "the same digits in another format"),
        ("phone", "+49301234567", "+4930123456799", "without extension"),
        ("phone", "+49301234567", "+49301234568", "a digit or two differ"),
        ("phone", "+49301234567", "+4989555777", "another number"),
        ("email", "kim@acme.example", "kim@acme-group.example", "the same name at another domain"),
        ("email", "kim@acme.example", "sales.office@acme.example", "another name at the same domain"),
        ("email", "kim@acme.example", "robin@beta.example", "another address"),
        ("domain", "acme.de", "acme.fr", "the same name under another ending"),
        ("domain", "shop.acme.de", "acme.de", "another host of the same domain"),
        ("domain", "acme.de", "wavepoint.fr", "another domain"),
        ("tax_id", "129273398", "DE129273398", "without its country's letters"),
        ("tax_id", "DE129273398", "DE129273389", "a digit or two differ"),
        ("tax_id", "DE129273398", "FR06548801166", "other signs of the same shape (AA999…)"),
        ("date", "2026-01-31", "2026-02-01", "earlier"),
        ("decimal", "100", "99.5", "higher"),
        ("money", {"amount": "90", "currency": "EUR"}, {"amount": "100", "currency": "EUR"}, "lower"),
        ("money", {"amount": "90", "currency": "EUR"}, {"amount": "90", "currency": "CNY"}, "other currency"),
        ("choice", "customer", "partner", "customer ≠ partner"),
        ("yes_no", True, False, "yes ≠ no"),
        ("reference", "17", "18", "refers to another"),
        ("list", [{}], [{}, {}], "1 items ≠ 2 items"),
        ("person_name", "Wójcik David", "David Wójcik", "the same words in another order"),
    ],
)
def test_what_has_a_form_of_its_own_is_told_by_it(of: str, said: Value, wanted: Value, how: str) -> None:
    assert told(said, wanted, of) == how


def test_a_personal_choice_is_not_told_as_it_is() -> None:
    assert told("diabetic", "celiac", "choice", privacy="personal") == "no word in common"


_TEXT = st.text(st.characters(codec="utf-8", categories=["Lu", "Ll", "Lo", "Nd", "Zs", "Pd"]), min_size=1, max_size=40)


@given(_TEXT, _TEXT, st.sampled_from(["text", "phone", "email", "domain", "tax_id", "person_name", "date"]))
def test_something_is_told_of_any_two_texts(said: str, wanted: str, of: str) -> None:
    assume(said != wanted)
    assert told(said, wanted, of)


_WORD = st.text("bcdfgklmnprst", min_size=7, max_size=12)


@given(_WORD, _WORD, st.sampled_from(["text", "person_name", "phone", "email", "domain", "tax_id"]))
def test_nothing_of_a_value_stands_in_what_is_told_of_it(said: str, wanted: str, of: str) -> None:
    assume(said != wanted)
    how = told(said, wanted, of)
    assert said not in how
    assert wanted not in how
