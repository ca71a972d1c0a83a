"""alerts.yaml as people write it, and what they are told where it is wrong."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from monitoring.settings import AlertsError, addresses, read_alerts, variable_of

GOOD = """
time_zone: Europe/Berlin
office_hours: "09:00-17:00"
waking_hours: "07:00-21:30"
holidays: [2026-12-25]
channels:
  on-call: {fallback: mail}
  mail: {}
routes:
  - {severity: [page], to: [on-call], escalate_to: [mail]}
  - {alert: [unknown_code], steward: [finance], to: [mail]}
repeat: {page: 30m}
limits: {question_age: 4d, reject_share: 0.2}
maintenance:
  - {from: 2026-07-01T20:00:00, to: 2026-07-01T22:00:00, systems: [erp], says: upgrade}
ui: https://dagster.example/
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "alerts.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_as_people_write_it(tmp_path: Path) -> None:
    settings = read_alerts(written(tmp_path, GOOD))
    policy = settings.policy()
    assert [route.channels for route in policy.routes] == [("on-call",), ("mail",)]
    assert (policy.repeat["page"], policy.repeat["warn"]) == (timedelta(minutes=30), timedelta(hours=24))
    assert (policy.waking.begins, policy.waking.ends) == (time(7), time(21, 30))
    assert policy.holidays == {"2026-12-25"}
    assert policy.maintenance[0].begins == datetime(2026, 7, 1, 18, tzinfo=UTC), "local time in summer"
    assert settings.limits_as_told().question_age == timedelta(days=4)


def test_without_a_file_nobody_is_told(tmp_path: Path) -> None:
    assert read_alerts(tmp_path / "alerts.yaml").policy().routes == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("routes: [{to: [pager]}]", "no channel is called pager; add it under `channels:`"),
        ("channels: {a: {fallback: b}}", "no channel is called b"),
        ("routes: [{to: []}]", "alerts.yaml:1: routes.0.to: "),
        ("time_zone: Mars/Olympus", "time_zone: is no time zone"),
        ('office_hours: "9-5"', 'office_hours: should be hours as "08:00-20:00"'),
        ('office_hours: "25:00-26:00"', "office_hours: should be hours"),
        ("repeat: {page: often}", "repeat.page: should be a time as 30m, 4h or 2d"),
        ("limits: {patience: 3d}", "patience: no such limit; there are slack"),
        ("limits: {reject_share: many}", "reject_share: should be a number"),
        ("limits: {question_age: 3}", "should be a time as 30m"),
        ("channels: {a: {}}\nroutes: [{alert: [fire], to: [a]}]", "is no alert; there are did_not_run"),
        ("maintenance: [{from: 2026-01-02T00:00:00, to: 2026-01-01T00:00:00}]", "`to` has to be later than `from`"),
        ("colour: red", "alerts.yaml:1: colour: "),
        ("routes: [", "alerts.yaml:1: this is no YAML"),
        ("- a", "alerts.yaml:1: "),
    ],
)
def test_what_is_wrong_is_said_in_a_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(AlertsError) as error:
        read_alerts(written(tmp_path, text))
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(AlertsError) as error:
        read_alerts(written(tmp_path, "time_zone: X\nrepeat: {page: often}\ncolour: red"))
    assert [(fault.line, fault.says.partition(":")[0]) for fault in error.value.faults] == [
        (1, "time_zone"),
        (2, "repeat.page"),
        (3, "colour"),
    ]


def test_addresses_come_from_outside_by_the_channels_name(tmp_path: Path) -> None:
    settings = read_alerts(written(tmp_path, GOOD))
    known = {"CONCORDAT_CHANNEL_ON_CALL": "json://x"}
    assert addresses(settings, lambda name: known.get(name, "")) == {"on-call": "json://x", "mail": ""}


def test_a_channel_without_an_address_is_told_with_the_variable_that_is_missing() -> None:
    assert [variable_of(name) for name in ("on-call", "mail", "Süd 1")] == [
        "CONCORDAT_CHANNEL_ON_CALL",
        "CONCORDAT_CHANNEL_MAIL",
        "CONCORDAT_CHANNEL_S_D_1",
    ]
