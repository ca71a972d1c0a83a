"""L12 for every codec over its declared domain: the way back, one spelling, and refusal instead of surprise."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.codec import CodecError
from mappings.codecs import CODECS
from tests.mappings.domains import DOMAINS, GARBAGE, Domain

FEW = settings(max_examples=25)
EACH = pytest.mark.parametrize("domain", DOMAINS, ids=str)
# One of each codec and set of options is enough where the values are any.
KINDS = {(domain.codec, *domain.options, domain.places): domain for domain in DOMAINS}
EACH_KIND = pytest.mark.parametrize("domain", KINDS.values(), ids=str)
# Where a line says how its system writes, our own spelling is not one of the system's.
OURS = [
    domain
    for domain in DOMAINS
    if not domain.words and not domain.options.keys() & {"format", "values"} and domain.options.get("as") != "seconds"
]
PLAIN = (str, bool, int, type(None))


def test_every_codec_has_a_domain() -> None:
    assert {domain.codec for domain in DOMAINS} == set(CODECS)


@EACH
@FEW
@given(data=st.data())
def test_what_is_written_reads_as_what_was_meant(domain: Domain, data: st.DataObject) -> None:
    value = domain.decode(data.draw(domain.raws))
    assert value is None or domain.decode(domain.encode(value)) == value


@pytest.mark.parametrize("domain", OURS, ids=str)
@FEW
@given(data=st.data())
def test_a_canonical_value_is_its_own_canonical_spelling(domain: Domain, data: st.DataObject) -> None:
    value = domain.decode(data.draw(domain.raws))
    assert value is None or domain.decode(value) == value


@EACH
@FEW
@given(data=st.data())
def test_a_codec_answers_and_sends_plain_json_values_without_floats(domain: Domain, data: st.DataObject) -> None:
    value = domain.decode(data.draw(domain.raws))
    assert _is_plain(value)
    assert value is None or _is_plain(domain.encode(value))


@EACH_KIND
@FEW
@given(raw=GARBAGE)
def test_what_is_not_understood_is_refused_in_one_line(domain: Domain, raw: Any) -> None:
    try:
        value = domain.decode(raw)
    except CodecError as error:
        assert str(error).isprintable()  # noqa: PT017 - a refusal is one of two right answers
        return
    assert _is_plain(value)
    assert value is None or domain.decode(domain.encode(value)) == value


@EACH_KIND
@FEW
@given(value=GARBAGE)
def test_a_value_that_is_not_canonical_is_not_sent(domain: Domain, value: Any) -> None:
    try:
        raw = domain.encode(value)
    except CodecError:
        return
    assert _is_plain(raw)


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(inner) for key, inner in value.items())
    return isinstance(value, PLAIN)
