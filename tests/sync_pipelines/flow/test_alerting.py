"""From a stopped run to the person who is told, with a clock that is moved."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import MisconfiguredError
from mappings.book import Book, WriteSwitch
from mappings.ownership import Cadence
from monitoring.alerts import Message
from monitoring.notify import ChannelError
from monitoring.settings import AlertSettings
from monitoring.watching import look
from sync_pipelines.flow.alerting import Watched, alerts, take_over, watch
from sync_pipelines.flow.rulebook import Examined, keep_examined
from sync_pipelines.flow.standing import standing_of
from sync_pipelines.ledger.memory import MemoryLedger
from sync_pipelines.ledger.port import LedgerError
from sync_pipelines.model.records import Delivery
from tests.laws.little_book import little_book
from tests.laws.little_world import LittleWorld

SETTINGS = AlertSettings.model_validate(
    {
        "channels": {"pager": {}, "mail": {}},
        "routes": [{"severity": ["page"], "to": ["pager"]}, {"to": ["mail"]}],
        "waking_hours": "00:00-23:59",
        "office_hours": "00:00-23:59",
    }
)


def book() -> Book:
    told = little_book()
    cadence = (Cadence((), "0 2 * * *", timedelta(hours=26)),)
    entities = {
        name: replace(spec, ownership=replace(spec.ownership, cadence=cadence)) for name, spec in told.entities.items()
    }
    return replace(told, entities=entities)


@dataclass
class Phone:
    """Takes messages, unless it is off."""

    off: bool = False
    taken: list[str] = field(default_factory=list)

    def send(self, channel: str, messages: Sequence[Message]) -> str:
        if self.off:
            raise ChannelError("nobody took it")
        self.taken += [f"{message.word} {message.alert.key}" for message in messages]
        return channel


class Night:
    """A little world that runs by night, and somebody who looks."""

    def __init__(self) -> None:
        self.little = LittleWorld(book=book(), ledger=MemoryLedger(b"k" * 32))
        self.phone = Phone()
        self.little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
        self.little.settle()

    @property
    def now(self) -> datetime:
        return self.little.world.clock.now()

    def look(self) -> Watched:
        return watch(self.little.ledger, self.little.book, SETTINGS, self.phone, self.now, holder="watchman")

    def passes(self, **time: float) -> None:
        self.little.world.clock.advance(timedelta(**time))


@pytest.fixture
def night() -> Night:
    return Night()


def test_a_run_that_stops_coming_is_told_within_its_interval_and_five_minutes(night: Night) -> None:
    told_after = None
    for minutes in range(5 * 24 * 60):
        night.look()
        if night.phone.taken:
            told_after = minutes
            break
        night.passes(minutes=1)
    assert night.phone.taken == ["new did_not_run:account", "new did_not_run:contact"]
    assert told_after is not None
    assert 24 * 60 < told_after <= 24 * 60 + 5


def test_it_heals_when_the_run_comes_again(night: Night) -> None:
    night.passes(hours=30)
    night.look()
    night.little.run()
    night.look()
    assert night.phone.taken[2:] == ["resolved did_not_run:account", "resolved did_not_run:contact"]
    assert alerts(night.little.ledger) == []


def test_one_who_looks_in_vain_says_nothing(night: Night) -> None:
    watched = night.look()
    assert (watched.seen.problems, night.phone.taken) == ((), [])


def test_when_somebody_last_looked_is_known_to_who_watches_the_watchman(night: Night) -> None:
    assert standing_of(night.little.ledger, night.little.book, night.now).watched_at is None
    night.look()
    looked = night.now
    night.passes(hours=1)
    assert standing_of(night.little.ledger, night.little.book, night.now).watched_at == looked


def test_a_system_that_refuses_us_is_one_alert_for_all_entities(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> object:
        raise MisconfiguredError("erp: the password has expired")

    monkeypatch.setattr(night.little.connectors["erp"], "changes", refuses)
    night.little.run()
    night.look()
    assert night.phone.taken == ["new system_down:erp"]
    (state,) = alerts(night.little.ledger)
    assert "the password has expired" in state.says


def test_a_message_nobody_took_is_kept_and_the_channel_is_reported(night: Night) -> None:
    night.passes(hours=30)
    night.phone.off = True
    assert night.look().untold == {"pager": "nobody took it"}
    night.passes(minutes=1)
    assert [problem.key for problem in night.look().seen.problems if problem.kind.name == "channel_fails"] == [
        "channel_fails:pager"
    ]
    night.phone.off = False
    night.passes(minutes=1)
    night.look()
    assert night.phone.taken.count("new did_not_run:account") == 1


def test_a_watchman_who_dies_before_telling_is_followed_by_one_who_tells(night: Night) -> None:
    night.passes(hours=30)

    class Dies(Phone):
        def send(self, channel: str, messages: Sequence[Message]) -> str:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(night.little.ledger, night.little.book, SETTINGS, Dies(), night.now, holder="dying")
    night.look()
    assert night.phone.taken == ["new did_not_run:account", "new did_not_run:contact"]


def test_two_who_look_at_once_tell_once(night: Night) -> None:
    night.passes(hours=30)
    inside: list[Watched] = []

    class Looks(Phone):
        def send(self, channel: str, messages: Sequence[Message]) -> str:
            inside.append(watch(night.little.ledger, night.little.book, SETTINGS, night.phone, night.now, holder="b"))
            return super().send(channel, messages)

    watch(night.little.ledger, night.little.book, SETTINGS, Looks(), night.now, holder="a")
    assert [watched.elsewhere for watched in inside] == [True]
    assert night.phone.taken == []


def test_who_looks_after_an_alert_is_named_and_an_unknown_one_is_a_clear_error(night: Night) -> None:
    night.passes(hours=30)
    night.look()
    take_over(night.little.ledger, "did_not_run:account", "anna", night.now + timedelta(hours=4))
    night.passes(hours=2)
    night.look()
    assert night.phone.taken == ["new did_not_run:account", "new did_not_run:contact", "still did_not_run:contact"]
    with pytest.raises(LedgerError, match="no open alert is called fire"):
        take_over(night.little.ledger, "fire", "anna", night.now)


def test_a_reading_is_told_with_what_it_brought_and_whether_it_was_of_everything(night: Night) -> None:
    night.little.run(full=True)
    standing = standing_of(night.little.ledger, night.little.book, night.now)
    crm = next(place for place in standing.places if (place.system, place.kind) == ("crm", "Account"))
    assert (crm.reads[0].full, crm.reads[0].read, crm.reads[0].complete) == (True, 1, True)
    assert not crm.reads[1].full


@pytest.mark.parametrize(("switch", "told"), [(WriteSwitch.OFF, []), (WriteSwitch.REVIEW, ["plan_blocked:account"])])
def test_what_the_book_itself_does_not_want_written_alarms_nobody(switch: WriteSwitch, told: list[str]) -> None:
    little = LittleWorld(book=little_book(switches={"erp": switch}))
    little.create("crm", Name="Acme", Tax_Id="DE1", Status="Won")
    little.run()
    standing = standing_of(little.ledger, little.book, little.world.clock.now())
    assert [part.op for part in standing.entities[0].blocked] == ["create"]
    assert [problem.key for problem in look(standing, SETTINGS.limits_as_told()).problems] == told


def test_a_system_that_stopped_to_announce_and_still_changes_is_told_of_until_it_announces_again() -> None:
    night = Night()
    ledger, clock = night.little.ledger, night.little.world.clock
    night.look()
    assert ledger.receive(Delivery("crm", "d1", night.now))
    for number in range(6):
        clock.advance(timedelta(hours=1, minutes=1))
        night.little.edit("crm", night.little.rows("crm")[0].id, Remark=str(number))
        night.little.run()
    night.look()
    assert [one for one in night.phone.taken if "webhook_silent" in one] == ["new webhook_silent:crm"]
    assert ledger.receive(Delivery("crm", "d2", night.now))
    night.look()
    assert [one for one in night.phone.taken if "webhook_silent" in one][1:] == ["resolved webhook_silent:crm"]


def test_a_code_that_nobody_mapped_concerns_the_steward_of_its_field() -> None:
    told = little_book()
    rules = dict(told.entities["account"].ownership.rules)
    rules["terms"] = tuple(replace(rule, steward="finance") for rule in rules["terms"])
    spec = told.entities["account"]
    spec = replace(spec, ownership=replace(spec.ownership, rules=rules))
    little = LittleWorld(book=replace(told, entities={**told.entities, "account": spec}))
    little.create("erp", Name="Firm", Terms="X9")
    little.run()
    standing = standing_of(little.ledger, little.book, little.world.clock.now())
    assert [(gap.code, gap.steward) for gap in standing.gaps] == [("X9", "finance")]
    assert {entity.name: entity.steward for entity in standing.entities} == {"account": "sales", "contact": "sales"}


@pytest.mark.parametrize(("listens", "waiting"), [(True, 1), (False, 0)])
def test_an_announcement_waits_only_where_somebody_listens(listens: bool, waiting: int) -> None:
    told = book()
    cadence = (Cadence((), "0 2 * * *", timedelta(hours=26), webhooks=listens),)
    entities = {
        name: replace(spec, ownership=replace(spec.ownership, cadence=cadence)) for name, spec in told.entities.items()
    }
    ledger, now = MemoryLedger(), datetime(2026, 3, 4, 10, tzinfo=UTC)
    ledger.receive(Delivery("crm", "d1", now - timedelta(minutes=16)))
    standing = standing_of(ledger, replace(told, entities=entities), now)
    assert {one.name: one.unheard.count for one in standing.systems} == {"crm": waiting, "erp": 0, "shop": 0}
    keys = [problem.key for problem in look(standing, SETTINGS.limits_as_told()).problems]
    assert keys == ["inbox_waits:crm"] * waiting


# --- the book itself -------------------------------------------------------------------------------------------------


BROKEN = Examined("v2", None, ("account/fields.yaml:7: is no YAML [yaml]", "systems.yaml:1: is missing"))


def test_a_book_that_cannot_be_loaded_wakes_somebody_once_and_what_was_open_stays_open(night: Night) -> None:
    night.passes(hours=30)
    night.look()
    del night.phone.taken[:]
    keep_examined(night.little.ledger, BROKEN, night.now)
    night.passes(minutes=3)
    for _ in range(2):
        keep_examined(night.little.ledger, BROKEN, night.now)
        watch(night.little.ledger, None, SETTINGS, night.phone, night.now, holder="watchman")
        night.passes(minutes=1)
    assert night.phone.taken == ["new book_broken:book"]
    assert {state.key for state in alerts(night.little.ledger)} == {
        "book_broken:book", "did_not_run:account", "did_not_run:contact",
    }  # fmt: skip


def test_a_book_that_is_mended_within_two_minutes_was_never_told_of_and_later_it_is_told_that_it_is_well(
    night: Night,
) -> None:
    keep_examined(night.little.ledger, BROKEN, night.now)
    night.passes(minutes=1)
    night.look()
    keep_examined(night.little.ledger, Examined("v3", night.little.book), night.now)
    night.passes(minutes=5)
    night.look()
    assert night.phone.taken == []
    faulty = Examined("v4", night.little.book, ("account/ownership.yaml:9: nobody decides `phone` [no-decider]",))
    keep_examined(night.little.ledger, faulty, night.now)
    night.passes(minutes=3)
    night.look()
    keep_examined(night.little.ledger, Examined("v5", night.little.book), night.now)
    night.look()
    assert night.phone.taken == ["new book_faulty:book", "resolved book_faulty:book"]
