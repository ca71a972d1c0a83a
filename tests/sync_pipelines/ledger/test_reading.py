"""Watermarks, the dirty list, quarantine, gaps."""

from dataclasses import replace

from connectors.contract import Watermark
from mappings.fieldmap import Gap
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.records import OpenGap
from tests.sync_pipelines.ledger.facts import ACCOUNT, NOW, at, crm, erp, held_back

FLOW = ("crm", "Account", "changes")


def test_a_watermark_moves_on_and_never_back_by_itself(ledger: Ledger) -> None:
    assert ledger.watermark(*FLOW) is None
    ledger.advance(*FLOW, Watermark(at(5), "t5"))
    ledger.advance(*FLOW, Watermark(at(4), "t4"))
    assert ledger.watermark(*FLOW) == Watermark(at(5), "t5")
    ledger.advance(*FLOW, Watermark(at(5), "t6"))
    assert ledger.watermark(*FLOW) == Watermark(at(5), "t6")
    assert ledger.watermark("crm", "Account", "deletes") is None


def test_a_watermark_goes_back_on_purpose(ledger: Ledger) -> None:
    ledger.advance(*FLOW, Watermark(at(5)))
    ledger.rewind(*FLOW, Watermark(NOW, "t"))
    assert ledger.watermark(*FLOW) == Watermark(NOW, "t")
    ledger.rewind(*FLOW, None)
    assert ledger.watermark(*FLOW) is None


def test_dirty_records_wait_until_they_are_clean(ledger: Ledger) -> None:
    ledger.mark_dirty([crm("2"), crm("1"), erp("1")], "late link")
    ledger.mark_dirty([crm("2")], "again")
    assert ledger.dirty("crm", "Account") == [crm("1"), crm("2")]
    ledger.clean([crm("1"), crm("unknown")])
    assert (ledger.dirty("crm", "Account"), ledger.dirty("erp", "party")) == ([crm("2")], [erp("1")])


def test_what_waits_is_kept_once_with_its_first_since_and_its_newest_words(ledger: Ledger) -> None:
    first, other = held_back(crm("1")), held_back(erp("7"), minutes=1)
    ledger.quarantine([first])
    ledger.quarantine([other, held_back(crm("1"), field="phone", minutes=2)])
    ledger.quarantine([replace(first, says="N32 is unknown", since=at(9), payload_hash="new")])
    assert ledger.quarantined() == [
        replace(first, says="N32 is unknown", payload_hash="new"),
        other,
        held_back(crm("1"), field="phone", minutes=2),
    ]
    assert ledger.quarantined(entity=ACCOUNT, system="erp") == [other]
    assert ledger.quarantined(entity="contact") == []


def test_release_takes_one_reason_or_all(ledger: Ledger) -> None:
    entries = [held_back(crm("1"), "gap"), held_back(crm("1"), "fault", "phone"), held_back(crm("2"), "gap")]
    ledger.quarantine(entries)
    ledger.release([crm("1"), crm("2")], "contact")
    ledger.release([crm("1")], ACCOUNT, "fault")
    assert ledger.quarantined() == [entries[0], entries[2]]
    ledger.release([crm("1"), crm("unknown")], ACCOUNT)
    assert ledger.quarantined() == [entries[2]]


def test_a_gap_gathers_the_records_that_wait(ledger: Ledger) -> None:
    terms, country = Gap("terms", "payment_terms", "N31", "decode"), Gap("land", "country", "ZZ", "encode")
    ledger.note_gaps("salesforce", [(crm("2"), terms), (crm("1"), terms), (crm("1"), country)], NOW)
    ledger.note_gaps("salesforce", [(crm("2"), terms), (crm("3"), terms)], at(9))
    waiting = (crm("1"), crm("2"), crm("3"))
    assert ledger.gaps() == [
        OpenGap("country", "salesforce", "ZZ", "encode", NOW, (crm("1"),)),
        OpenGap("payment_terms", "salesforce", "N31", "decode", NOW, waiting),
    ]
    ledger.close_gap("payment_terms", "salesforce", "N31", "decode")
    ledger.close_gap("payment_terms", "tryton", "N31", "decode")
    assert [gap.table for gap in ledger.gaps()] == ["country"]
