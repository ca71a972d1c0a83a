"""Crawls, look-ups and metadata, where the vendor's habits could cost a record."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import Watermark
from connectors.errors import MisconfiguredError, TransientError
from connectors.kingdee.connector import KingdeeConnector
from connectors.kingdee.simulated.forms import standard_kinds
from connectors.kingdee.simulator import Behaviour, KingdeeSimulator
from connectors.testing.world import System, World
from tests.connectors.kingdee.conftest import Open, Switch
from tests.connectors.kingdee.hands import ADDRESSES, Connect, customers, ids, now, ref, told

CUSTOMER = "BD_Customer"


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 6, 7])
def test_a_crawl_is_whole_at_every_length_of_its_last_page(number: int, kingdee: KingdeeConnector, erp: System) -> None:
    made = customers(erp, number)
    assert ids(told(kingdee)) == made
    assert [one for page in kingdee.keys(CUSTOMER) for one in page] == made


def test_a_server_that_tells_fewer_rows_than_asked_for_ends_no_crawl_early(
    open_centre: Open, connectors: Connect, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older servers tell 2,000 whatever is asked for; here a page is as small as one can wait for."""
    monkeypatch.setattr("connectors.kingdee.reading.SURE_ROWS", 4)
    centre = open_centre(behaviour=Behaviour(most_rows=4))
    made = customers(erp, 9)
    plain = {"BD_Customer": ("FName",)}
    assert ids(told(connectors(centre, page=10_000, fields=plain))) == made


def test_rows_of_a_page_come_in_halves_where_they_are_too_many(
    centre: KingdeeSimulator, connectors: Connect, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.kingdee.reading.SURE_ROWS", 5)
    rows = [{"FEntryID": n, "FNUMBER1": str(n), "FADDRESS1": "路", "FIsUsed": True} for n in range(1, 4)]
    customers(erp, 3, **{ADDRESSES: rows})
    fields = {"BD_Customer": ("FName", f"{ADDRESSES}.FNUMBER1")}
    records = told(connectors(centre, fields=fields))
    assert [len(record.payload[ADDRESSES]) for record in records] == [3, 3, 3]


def test_a_record_with_more_rows_than_can_be_told_is_not_told_without_them(
    centre: KingdeeSimulator, connectors: Connect, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.kingdee.reading.SURE_ROWS", 2)
    rows = [{"FEntryID": n, "FNUMBER1": str(n), "FIsUsed": True} for n in range(1, 4)]
    customers(erp, 1, **{ADDRESSES: rows})
    with pytest.raises(TransientError, match="more rows"):
        told(connectors(centre, fields={"BD_Customer": (f"{ADDRESSES}.FNUMBER1",)}))


def test_a_page_costs_one_call_for_heads_and_one_for_each_table_and_for_limits(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    customers(erp, 30)
    connector = connectors(centre, page=100)
    told(connector)
    assert centre.requests.count("QueryBusinessInfo") == 1  # which stamps there are, once
    before = len(centre.requests)
    told(connector)
    assert len(centre.requests) - before == 1 + 1 + 2 + 1  # the server's time, heads, two tables, credit limits


def test_copies_in_other_organisations_are_none_of_ours(kingdee: KingdeeConnector, erp: System) -> None:
    made = customers(erp, 1, FNumber="C1")
    customers(erp, 1, FNumber="C1", FUseOrgId="200")
    assert ids(told(kingdee)) == made


def test_a_page_in_another_order_ends_the_crawl_with_an_error(
    kingdee: KingdeeConnector, centre: KingdeeSimulator, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers(erp, 3)
    plain = centre.queries.answer
    monkeypatch.setattr(centre.queries, "answer", lambda asked: plain(asked)[::-1])
    with pytest.raises(TransientError, match="out of order"):
        told(kingdee)


@pytest.mark.parametrize("body", [{}, [["x"]], ["x"], None])
def test_an_answer_that_is_no_rows_ends_the_crawl_with_an_error(
    body: object, kingdee: KingdeeConnector, centre: KingdeeSimulator, erp: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers(erp, 3)
    monkeypatch.setattr(centre.queries, "answer", lambda _asked: body)
    with pytest.raises(TransientError):
        list(kingdee.keys(CUSTOMER))


@pytest.mark.parametrize("operation", ["Forbid", "Enable", "Audit"])
def test_what_moves_no_modification_date_is_told_by_its_own_date(
    operation: str, kingdee: KingdeeConnector, centre: KingdeeSimulator, erp: System
) -> None:
    forbidden = {"FForbidStatus": "B"} if operation == "Enable" else {}
    state = {"FDocumentStatus": "B"} if operation == "Audit" else {}
    (made,) = customers(erp, 1, **forbidden, **state)
    erp.clock.advance(3600)
    since = Watermark(erp.now())
    centre.operations.each(operation, CUSTOMER, {"Ids": made})
    assert ids(told(kingdee, since)) == [made]


def test_a_form_without_one_of_the_dates_is_read_by_the_others(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    erp.drop_field(CUSTOMER, "FForbidDate")
    (made,) = customers(erp, 1)
    connector = connectors(centre)
    assert ids(told(connector, Watermark(erp.now()))) == [made]
    assert all(one.ok for one in connector.check())


def test_the_zone_of_the_server_is_a_setting(switch: Switch, open_centre: Open, connectors: Connect) -> None:
    berlin = World(seed=1).add("erp", *standard_kinds(), zone="Europe/Berlin")
    opened = open_centre()
    switch.centre = KingdeeSimulator(berlin)
    switch.centre.url = opened.url
    (made,) = customers(berlin, 1)
    connector = connectors(switch.centre, time_zone="Europe/Berlin")
    assert now(connector, made).changed_at == berlin.now()
    berlin.clock.advance(60)
    assert not told(connector, Watermark(berlin.now()))


def test_an_edit_in_the_hour_that_comes_twice_is_not_missed(
    switch: Switch, open_centre: Open, connectors: Connect
) -> None:
    """At 01:00 in UTC on 25 October the clocks of Berlin go from 03:00 back to 02:00."""
    berlin = World(seed=1).add("erp", *standard_kinds(), zone="Europe/Berlin")
    opened = open_centre()
    switch.centre = KingdeeSimulator(berlin)
    switch.centre.url = opened.url
    (made,) = customers(berlin, 1)
    connector = connectors(switch.centre, time_zone="Europe/Berlin")
    berlin.clock.advance(datetime(2026, 10, 25, 0, 50, tzinfo=UTC) - berlin.now())
    since = Watermark(berlin.now())
    berlin.clock.advance(timedelta(minutes=15))
    berlin.update(CUSTOMER, made, {"FTEL": "1"}, by="user:anna")
    (record,) = told(connector, since)
    assert record.changed_at == berlin.now()


def test_a_safe_point_is_the_servers_time_before_the_crawl(kingdee: KingdeeConnector, erp: System) -> None:
    erp.skew = timedelta(minutes=-3)
    customers(erp, 1)
    (page,) = kingdee.changes(CUSTOMER, None)
    assert page.safe_point == Watermark(erp.now() - timedelta(minutes=10))


def test_rows_hidden_by_data_rights_are_missing_without_a_word(
    open_centre: Open, connectors: Connect, erp: System
) -> None:
    """The vendor's own trap: what is missing is not proven to be gone. The README says what rights our user needs."""
    made = customers(erp, 2)
    centre = open_centre(behaviour=Behaviour(hidden=frozenset(made[:1])))
    connector = connectors(centre)
    assert ids(told(connector)) == made[1:]
    assert [one for page in connector.keys(CUSTOMER) for one in page] == made[1:]


def test_what_is_no_id_is_not_there_and_spoils_no_query(kingdee: KingdeeConnector, erp: System) -> None:
    (made,) = customers(erp, 1)
    odd = ["", "0", "x", "1 or 1=1", "01", "１２３"]
    assert set(kingdee.read([ref(made), *map(ref, odd)])) == {ref(made)}


def test_a_blank_text_is_told_as_none(kingdee: KingdeeConnector, erp: System) -> None:
    (made,) = customers(erp, 1, FTEL=" ", FADDRESS="")
    payload = now(kingdee, made).payload
    assert (payload["FTEL"], payload["FADDRESS"]) == (None, None)


def test_a_field_that_is_not_there_halts_with_its_name(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    customers(erp, 1)
    connector = connectors(centre, fields={"BD_Customer": ("FName", "FNoSuch")})
    with pytest.raises(MisconfiguredError, match=r"FNoSuch.*to the letter"):
        told(connector)
    ill = {one.about: one.says for one in connector.check() if not one.ok}
    assert ill == {"BD_Customer": "missing: FNoSuch"}


def test_a_name_that_is_no_name_is_never_sent(centre: KingdeeSimulator, connectors: Connect) -> None:
    connector = connectors(centre, stamps=["FModifyDate>'' or 1=1 --"])
    with pytest.raises(MisconfiguredError, match="no field name"):
        told(connector, Watermark(datetime(2026, 3, 1, tzinfo=UTC)))


def test_check_names_what_is_missing(centre: KingdeeSimulator, connectors: Connect, erp: System) -> None:
    erp.drop_field("BD_CommonContact", "F_CONCORDAT_KEY")
    erp.skew = timedelta(minutes=7)
    connector = connectors(centre, organisation="300", credit_amount="FNoAmount")
    ill = [one.about for one in connector.check() if not one.ok]
    assert ill == ["clock", "organisation", "BD_CommonContact key", "CRE_CustArchives"]
    assert all(one.do for one in connector.check() if not one.ok)


def test_describe_tells_tables_references_and_limits_with_a_dot(kingdee: KingdeeConnector) -> None:
    fields = kingdee.describe(CUSTOMER).fields
    assert fields[f"{ADDRESSES}.FADDRESS1"].writable
    assert fields["FRECCONDITIONID.FNumber"].refers_to == "BD_RecCondition"
    assert fields["FName"].required
    assert fields["FName"].length == 255
    assert not fields["FUseOrgId"].required  # given by the connector itself
    assert fields["FForbidStatus"].choices == ("A", "B")
    assert not fields["FDocumentStatus"].writable
    assert "credit_limits.200" in fields
    assert kingdee.describe("BD_CommonContact").fields["FCompany.id"].refers_to == CUSTOMER


def test_two_data_centres_have_two_fingerprints(centre: KingdeeSimulator, connectors: Connect) -> None:
    first, second = connectors(centre), connectors(centre, organisation="200")
    assert first.fingerprint() != second.fingerprint()
    with pytest.raises(MisconfiguredError, match="no organisation 300"):
        connectors(centre, organisation="300").fingerprint()


@pytest.mark.parametrize("question", ["deleted", "merged"])
def test_what_kingdee_does_not_tell_is_refused(question: str, kingdee: KingdeeConnector) -> None:
    with pytest.raises(MisconfiguredError, match="does not tell"):
        getattr(kingdee, question)(CUSTOMER, Watermark(datetime(2026, 3, 1, tzinfo=UTC)))


def test_an_unknown_kind_is_named(kingdee: KingdeeConnector, centre: KingdeeSimulator, connectors: Connect) -> None:
    with pytest.raises(MisconfiguredError, match="BD_Supplier"):
        kingdee.describe("BD_Supplier")
    with pytest.raises(MisconfiguredError, match="BD_Supplier"):
        connectors(centre, fields={"BD_Supplier": ("FName",)})
    with pytest.raises(MisconfiguredError, match="notes"):
        kingdee.note(ref("1"), "text")


def test_half_a_character_in_one_record_takes_no_other_along(kingdee: KingdeeConnector, erp: System) -> None:
    made = customers(erp, 5)
    erp.update(CUSTOMER, made[2], {"FName": "a\ud83db"}, by="user:ben")
    records = told(kingdee)
    assert ids(records) == made
    assert [one.payload["FName"] for one in records if one.ref.id == made[2]] == ["a\ud83db"]
    assert kingdee.read([ref(made[2])])[ref(made[2])].payload["FName"] == "a\ud83db"
