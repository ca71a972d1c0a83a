"""What is told to people and machines that need not know it: without persons and secrets, and still of use."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.logs import log_to
from monitoring.redact import escaped, printable, redact


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("invalid address: anna.lee+x@firm.example", "invalid address: …"),
        ("mail <anna@firm.example>, again", "mail <…>, again"),
        ("call +49 (30) 555-77391 now", "call … now"),
        ("tax id 811907980 is taken", "tax id … is taken"),
        ("born on 1985-03-01", "born on …"),
        ("call 2026-03-01-77", "call …"),
        ("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", "Authorization=… …"),
        ("client_secret=s3cr3t&grant_type=x", "client_secret=…&grant_type=x"),
        ("password: hunter2, try again", "password=…, try again"),
        ("https://bob:pw@erp.example/api", "https://erp.example/api"),
        ("GET https://erp.example/api?name=Anna&x=1 failed", "GET https://erp.example/api?… failed"),
        ("duplicate of 'Anna Lee' found", "duplicate of '…' found"),
        ('duplicate of "Anna Lee" found', "duplicate of '…' found"),
        ("客户「北京鸟巢」重复", "客户'…'重复"),
        ("two\nlines\tand  more", "two lines and more"),
    ],
)
def test_what_may_be_a_persons_or_a_secret_goes(said: str, told: str) -> None:
    assert redact(said) == told


@pytest.mark.parametrize(
    "said",
    [
        "erp is not set up: CONCORDAT_ERP_URL is missing",
        "crm: 13500 of 15000 calls of the day are spent; the rest is kept for people",
        "held: 01M802ABK5AVQBCJWNRWVRRV3E:shop:update: 30 updates are more than usual (at most 20 of 51 records)",
        "the system's own word isn't there; it's the connector's fault",
        "use `concordat apply --plan 01M802ABK5AVQBCJWNRWVRRV3E`",
        "https://erp.example/api/party answered 503",
        "account/ownership.yaml:25: should be a time as 5m",
        "nothing is made until 2026-03-01 10:20 UTC, and it last went well 2026-02-28",
    ],
)
def test_what_our_own_code_says_stays(said: str) -> None:
    assert redact(said) == said


@given(st.text())
def test_a_redacted_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    once = redact(text)
    assert len(once.splitlines()) <= 1
    assert redact(once) == once


@given(st.emails(), st.sampled_from(["{}", "to {}, now", "<{}>", "'{}'", "mail:{};"]))
def test_no_address_comes_through(address: str, around: str) -> None:
    assert address not in redact(around.format(address))


def test_a_line_for_machines_is_json_and_redacted_where_others_speak() -> None:
    stream = io.StringIO()
    log_to(stream, as_json=True).warning("refused anna@firm.example", run="0123456789", says="'Anna'", entity="account")
    told = json.loads(stream.getvalue())
    assert told.pop("timestamp").endswith("Z")
    assert told == {"event": "refused …", "run": "0123456789", "says": "'…'", "entity": "account", "level": "warning"}


def test_half_a_character_breaks_no_terminal_and_no_file() -> None:
    assert printable("a\ud83db") == "a\N{REPLACEMENT CHARACTER}b"
    told = escaped(json.dumps("a\ud83db", ensure_ascii=False))
    assert told.isascii()
    assert json.loads(told) == "a\ud83db"
