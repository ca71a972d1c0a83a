"""What becomes of a batch when a record is bad, an answer is lost, a session ends or somebody else is quicker."""

import threading
from collections.abc import Iterator, Sequence

import httpx
import pytest
from pydantic import SecretStr

from connectors.contract import Create, ItemResult, Record, RecordRef, Update, Written
from connectors.errors import MisconfiguredError, RejectedError, TransientError, UncertainError
from connectors.testing.contract_bench import proven
from connectors.tryton.connector import TrytonConnector
from connectors.tryton.server import TrytonServer
from tests.real.tryton.hands import TroubledWay, a_connector

BAD = {"name": "Schlecht AG", "tax_identifier": {"type": "eu_vat", "code": "DE1"}}


@pytest.fixture(scope="module")
def connection(server: TrytonServer) -> Iterator[tuple[TrytonConnector, TroubledWay]]:
    way = TroubledWay()
    connector = a_connector(server, way)
    yield connector, way
    connector.close()


@pytest.fixture
def erp(connection: tuple[TrytonConnector, TroubledWay]) -> TrytonConnector:
    return connection[0]


@pytest.fixture
def way(connection: tuple[TrytonConnector, TroubledWay]) -> TroubledWay:
    connection[1].soothe()
    return connection[1]


def batch(prefix: str, size: int, *bad: int) -> list[Create]:
    good = {"name": f"Gut {prefix}"}
    return [Create(f"{prefix}-{place}", "party", BAD if place in bad else good) for place in range(size)]


def sorts(results: Sequence[ItemResult]) -> list[str]:
    return [type(result).__name__ for result in results]


def made(erp: TrytonConnector, key: str, name: str = "Vorher GmbH") -> Record:
    return proven(erp.create([Create(key, "party", {"name": name})])[0]).record


def test_a_good_batch_is_one_call(erp: TrytonConnector, way: TroubledWay) -> None:
    before = way.writes
    results = erp.create(batch("one-call", 50))
    assert way.writes == before + 1
    assert sorts(results) == ["Written"] * 50


def test_bad_records_are_found_by_halving_and_the_others_go_through(erp: TrytonConnector, way: TroubledWay) -> None:
    before = way.writes
    results = erp.create(batch("halved", 32, 3, 20))
    assert [place for place, result in enumerate(results) if isinstance(result, RejectedError)] == [3, 20]
    assert sorts(results).count("Written") == 30
    assert "DE1" in str(results[3])
    assert way.writes - before <= 1 + 2 * 2 * 5, "halving 32 records needs at most two calls per level and bad record"
    keys = [f"halved-{place}" for place in range(32)]
    assert {key: len(found) for key, found in erp.find_created("party", keys).items()} == {
        key: 1 for place, key in enumerate(keys) if place not in {3, 20}
    }


def test_after_a_lost_answer_nothing_more_is_sent(erp: TrytonConnector, way: TroubledWay) -> None:
    """The first call is refused for its bad record; the answer to the first half is lost; the second is never sent."""

    def refuse_then_lose(request: httpx.Request) -> httpx.Response:
        way.lose_next_answer()
        return way._way.handle_request(request)

    way.next_write = refuse_then_lose
    before = way.writes
    results = erp.create(batch("lost-half", 4, 3))
    assert way.writes == before + 2
    assert sorts(results) == ["UncertainError", "UncertainError", "TransientError", "TransientError"]
    found = erp.find_created("party", [f"lost-half-{place}" for place in range(4)])
    assert sorted(found) == ["lost-half-0", "lost-half-1"], "uncertain, and in truth done"


def test_an_error_of_unknown_sort_after_the_commit_is_not_taken_for_a_failure(
    erp: TrytonConnector, way: TroubledWay
) -> None:
    def commit_then_complain(request: httpx.Request) -> httpx.Response:
        way._way.handle_request(request).close()
        return httpx.Response(200, stream=httpx.ByteStream(b'{"id": 1, "error": ["database is gone", ""]}'))

    way.next_write = commit_then_complain
    assert sorts(erp.create(batch("complained", 3))) == ["Written"] * 3
    found = erp.find_created("party", [f"complained-{place}" for place in range(3)])
    assert [len(records) for records in found.values()] == [1, 1, 1], "made a second time"


def test_an_error_of_unknown_sort_on_an_update_that_was_done_is_uncertain(
    erp: TrytonConnector, way: TroubledWay
) -> None:
    record = made(erp, "complained-update")

    def commit_then_complain(request: httpx.Request) -> httpx.Response:
        way._way.handle_request(request).close()
        return httpx.Response(200, stream=httpx.ByteStream(b'{"id": 1, "error": ["database is gone", ""]}'))

    way.next_write = commit_then_complain
    assert sorts(erp.update([Update("u", record.ref, {"name": "Nachher GmbH"})])) == ["UncertainError"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b'{"id": 1, "res', UncertainError),
        (200, b"<html>welcome</html>", UncertainError),
        (200, b'{"id": 1}', UncertainError),
        (200, b'{"id": 1, "result": null}', UncertainError),
        (200, b'{"id": 1, "result": [1, 2]}', UncertainError),
        (502, b"", UncertainError),
        (503, b"", UncertainError),
        (504, b"", UncertainError),
        (413, b"", RejectedError),
        (429, b"", TransientError),
    ],
)
def test_what_an_answer_to_a_create_means(
    erp: TrytonConnector, way: TroubledWay, status: int, body: bytes, error: type[Exception]
) -> None:
    way.answer_next_write(status, body)
    try:
        (result,) = erp.create(batch("meaning", 1))
    except TransientError as raised:
        result = raised
    assert isinstance(result, error)


@pytest.mark.parametrize("status", [403, 404, 422])
def test_what_only_a_person_can_mend_halts(erp: TrytonConnector, way: TroubledWay, status: int) -> None:
    way.answer_next_write(status)
    with pytest.raises(MisconfiguredError):
        erp.create(batch("halts", 2))


def test_a_batch_that_is_too_large_for_the_server_goes_in_halves(erp: TrytonConnector, way: TroubledWay) -> None:
    way.answer_next_write(413)
    assert sorts(erp.create(batch("too-large", 4))) == ["Written"] * 4


def end_session(erp: TrytonConnector, server: TrytonServer) -> None:
    """As it ends by itself after some idle time."""
    headers = {"Authorization": f"Session {erp._session._tokens.current().value}"}
    logout = {"id": 1, "method": "common.db.logout", "params": []}
    httpx.post(f"{server.url}/{server.database}/rpc/", json=logout, headers=headers).raise_for_status()


def test_a_session_that_ended_is_renewed_once_for_reads_and_writes(
    server: TrytonServer, erp: TrytonConnector, way: TroubledWay
) -> None:
    record = made(erp, "renewed")
    for act in (lambda: erp.read([record.ref]), lambda: erp.create(batch("renewed-write", 2))):
        way.methods.clear()
        end_session(erp, server)
        act()
        assert way.methods.count("common.db.login") == 1
    assert len(erp.find_created("party", ["renewed-write-0"])["renewed-write-0"]) == 1


def test_a_wrong_password_is_tried_once_and_halts(server: TrytonServer) -> None:
    way = TroubledWay()
    connector = a_connector(server, way, password=SecretStr("not-the-password"))
    with pytest.raises(MisconfiguredError, match="password"):
        connector.read([RecordRef("erp", "party", "1")])
    assert way.methods == ["common.db.login"]
    assert not connector.check()[-1].ok
    connector.close()


def test_a_login_whose_answer_is_lost_is_not_repeated_by_itself(server: TrytonServer) -> None:
    way = TroubledWay()
    way.is_silent = True
    connector = a_connector(server, way)
    with pytest.raises(TransientError):
        connector.read([RecordRef("erp", "party", "1")])
    assert way.methods == ["common.db.login"]
    connector.close()


def test_an_edit_between_our_look_and_our_write_is_not_overwritten(
    server: TrytonServer, erp: TrytonConnector, way: TroubledWay
) -> None:
    """The server itself refuses: its own stamps go with the write."""
    slow, others = made(erp, "slow", "Langsam GmbH"), [made(erp, f"other-{n}") for n in range(3)]

    def edit_first(request: httpx.Request) -> httpx.Response:
        server.call("party.party.write", [int(slow.ref.id)], {"name": "Schneller GmbH"})
        return way._way.handle_request(request)

    way.next_write = edit_first
    updates = [
        Update(f"u{n}", one.ref, {"name": f"Neu {n}"}, version=one.version) for n, one in enumerate([slow, *others])
    ]
    assert sorts(erp.update(updates)) == ["StaleError", "Written", "Written", "Written"]
    assert erp.read([slow.ref])[slow.ref].payload["name"] == "Schneller GmbH"


def test_an_edit_of_a_child_between_our_look_and_our_write_is_not_overwritten(
    server: TrytonServer, erp: TrytonConnector, way: TroubledWay
) -> None:
    values = {"name": "Kind GmbH", "addresses": [{"city": "Bonn"}]}
    record = proven(erp.create([Create("child-race", "party", values)])[0]).record
    (address,) = record.payload["addresses"]

    def edit_first(request: httpx.Request) -> httpx.Response:
        server.call("party.address.write", [address["id"]], {"city": "Köln"})
        return way._way.handle_request(request)

    way.next_write = edit_first
    update = Update("u", record.ref, {"addresses": {"[invoice=false]": {"city": "Essen"}}}, version=record.version)
    assert sorts(erp.update([update])) == ["StaleError"]
    assert erp.read([record.ref])[record.ref].payload["addresses"][0]["city"] == "Köln"


def test_what_is_expected_is_compared_where_no_version_is_given(server: TrytonServer, erp: TrytonConnector) -> None:
    values = {"name": "Erwartet GmbH", "contact_mechanisms": [{"type": "email", "value": "a@b.example"}]}
    record = proven(erp.create([Create("expected", "party", values)])[0]).record
    change = {"contact_mechanisms": {"[type=email]": {"value": "neu@b.example"}}}
    wrong = {"contact_mechanisms": {"[type=email]": {"value": "x@b.example"}}}
    right = {"contact_mechanisms": {"[type=email]": {"value": "a@b.example"}}}
    assert sorts(erp.update([Update("u", record.ref, change, wrong)])) == ["StaleError"]
    assert sorts(erp.update([Update("u", record.ref, change, {"contact_mechanisms": {"[type=email]": None}})])) == [
        "StaleError"
    ]
    assert sorts(erp.update([Update("u", record.ref, change, right)])) == ["Written"]


def test_a_record_that_is_gone_or_merged_away_is_stale(server: TrytonServer, erp: TrytonConnector) -> None:
    gone, loser, winner = (made(erp, f"vanishing-{n}", "Weg AG") for n in range(3))
    server.call("party.party.delete", [int(gone.ref.id)])
    server.replace(int(loser.ref.id), int(winner.ref.id))
    nobody = RecordRef("erp", "party", "no-number")
    results = erp.update([Update("u", ref, {"name": "x"}) for ref in (gone.ref, loser.ref, nobody)])
    assert sorts(results) == ["StaleError"] * 3


def test_two_writers_never_share_a_number_and_never_blame_a_record_for_it(server: TrytonServer) -> None:
    """On SQLite two creates may draw the same number from the sequence; the server then refuses one of them whole."""
    results: list[ItemResult] = []

    def write(name: str) -> None:
        connector = a_connector(server)
        for n in range(3):
            try:
                results.extend(connector.create(batch(f"{name}-{n}", 4)))
            except TransientError as error:
                results.append(error)
        connector.close()

    threads = [threading.Thread(target=write, args=(f"writer-{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {type(result) for result in results} <= {Written, TransientError, UncertainError}, results
    codes = [result.record.payload["code"] for result in results if isinstance(result, Written)]
    assert len(codes) == len(set(codes)) > 8


def test_a_user_without_the_right_to_a_field_halts_before_anything_is_done(server: TrytonServer) -> None:
    shared = {"companies": [["add", [1]]], "company": 1}
    server.call(
        "res.user.create", [{"login": "narrow", "name": "N", "password": "narrow-pw-1x", **shared}], login="admin"
    )
    connector = a_connector(server, user="narrow", password=SecretStr("narrow-pw-1x"))
    with pytest.raises(MisconfiguredError, match="Credit Limit Amount"):
        connector.create([Create("narrow", "party", {"name": "Eng GmbH", "credit_limit_amount": "1.00"})])
    assert sorts(connector.create([Create("narrow", "party", {"name": "Eng GmbH"})])) == ["Written"]
    connector.close()
    (group,) = server.call("res.group.search", [["name", "=", "Account Credit Limit"]], 0, None, None, login="admin")
    (user,) = server.call("res.user.search", [["login", "=", "narrow"]], 0, None, None, login="admin")
    server.call("res.user.write", [user], {"groups": [["add", [group]]]}, login="admin")
    connector = a_connector(server, user="narrow", password=SecretStr("narrow-pw-1x"))
    values = {"name": "Eng GmbH", "credit_limit_amount": "1.00", "customer_payment_term": "Net 30 days"}
    assert sorts(connector.create([Create("wide", "party", values)])) == ["Written"]
    connector.close()


def test_a_batch_of_two_kinds_or_of_a_read_only_kind_is_refused(erp: TrytonConnector) -> None:
    with pytest.raises(ValueError, match="one kind"):
        erp.create([Create("a", "party", {"name": "x"}), Create("b", "contact", {"name": "y"})])
    with pytest.raises(ValueError, match="read only"):
        erp.create([Create("a", "user", {"name": "x"})])
    with pytest.raises(ValueError, match="no kind"):
        erp.describe("planet")


def test_a_warning_that_asks_for_a_confirmation_is_a_refusal(erp: TrytonConnector, way: TroubledWay) -> None:
    way.answer_next_write(200, b'{"id": 1, "error": ["UserWarning", ["key", "Are you sure?", ""]]}')
    (result,) = erp.create(batch("sure", 1))
    assert isinstance(result, RejectedError)
    assert "confirmation: Are you sure?" in str(result)


def test_a_proof_that_cannot_be_read_back_is_uncertain(erp: TrytonConnector, way: TroubledWay) -> None:
    def done_and_then_silence(request: httpx.Request) -> httpx.Response:
        response = way._way.handle_request(request)
        way.is_silent = True
        return response

    way.next_write = done_and_then_silence
    results = erp.create(batch("unseen", 2))
    way.is_silent = False
    assert sorts(results) == ["UncertainError"] * 2
    assert sorted(erp.find_created("party", ["unseen-0", "unseen-1"])) == ["unseen-0", "unseen-1"]


@pytest.mark.parametrize("edited", [False, True])
def test_an_edit_between_a_write_and_the_look_at_it_is_told_as_such(
    server: TrytonServer, erp: TrytonConnector, way: TroubledWay, *, edited: bool
) -> None:
    record = made(erp, f"between-{edited}")
    if edited:
        typed = {"name": "Von Hand GmbH"}
        way.after_next_write(lambda: server.call("party.party.write", [int(record.ref.id)], typed))
    written = proven(erp.update([Update("u", record.ref, {"name": "Nachher GmbH"}, version=record.version)])[0])
    assert written.record.payload["name"] == ("Von Hand GmbH" if edited else "Nachher GmbH")
    assert written.touched is edited
