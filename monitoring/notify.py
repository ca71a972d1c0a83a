"""Tells people, over whatever channel they read: mail, chat, pager, webhook. apprise knows their dialects.

A channel that does not take a message hands it to its fallback, and is itself reported.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol
from urllib.parse import urlencode

import apprise
import httpx

from monitoring.alerts import AlertState, Message, Word
from monitoring.redact import redact
from monitoring.settings import AlertSettings

_SECONDS = 10
_LOOKS = {"page": apprise.NotifyType.FAILURE, "warn": apprise.NotifyType.WARNING, "steward": apprise.NotifyType.INFO}


class ChannelError(Exception):
    """A channel did not take a message, in words without its address."""


class Sender(Protocol):
    """Delivers what one channel is to be told at one time, as one message."""

    def send(self, channel: str, messages: Sequence[Message]) -> str:
        """Answer the channel that took it. ChannelError where none did."""
        ...


class Channels:
    """`Sender` by apprise. An address is used for the call and appears nowhere else."""

    def __init__(self, settings: AlertSettings, addresses: Mapping[str, str]) -> None:
        """`addresses` by channel, as apprise writes them; several in one, by blanks."""
        self._settings, self._addresses = settings, addresses

    def send(self, channel: str, messages: Sequence[Message]) -> str:
        """First the channel itself, then its fallback, and so on."""
        tried: list[str] = []
        at = channel
        while at and at not in tried:
            if self._sent(at, messages, tried):
                return at
            tried.append(at)
            settings = self._settings.channels.get(at)
            at = settings.fallback if settings else ""
        raise ChannelError(f"nobody took it: {', '.join(tried)} {'was' if len(tried) == 1 else 'were'} tried")

    def _sent(self, channel: str, messages: Sequence[Message], failed: Sequence[str]) -> bool:
        addresses = self._addresses.get(channel, "").split()
        plain = [one for one in addresses if not _keeps_incidents(one)]
        alone = [(one, message) for one in addresses if _keeps_incidents(one) for message in messages]
        calls = [(plain, messages)] if plain else []
        calls += [([_of_incident(one, message)], [message]) for one, message in alone]
        return bool(calls) and all([self._told(at, some, failed) for at, some in calls])  # noqa: C419 - each is tried, whatever became of others

    def _told(self, addresses: Sequence[str], messages: Sequence[Message], failed: Sequence[str]) -> bool:
        body = text_of(messages, self._settings)
        if failed:
            body += f"\n\n(the channel {failed[0]} did not take this)"
        with _Quiet():
            there = apprise.Apprise()
            if not all(there.add(one) for one in addresses):
                return False
            return bool(there.notify(body=body, title=title_of(messages), notify_type=_looks(messages)))


# --- pagers that keep incidents of their own -------------------------------------------------------------------------


def _keeps_incidents(address: str) -> bool:
    return address.partition("://")[0].lower() in ("pagerduty", "opsgenie")


def _of_incident(address: str, message: Message) -> str:
    """One incident for one alert: told again it is the same one, and in PagerDuty it is resolved when it heals.

    Opsgenie is told so in a message of its own, since apprise closes only what the same process has opened; and left
    alone it sends nothing of what is no failure, and calls that a success.
    """
    key, healed = message.alert.key, message.word is Word.HEALED
    if address.lower().startswith("pagerduty"):
        asked = {"action": "map", "dedup": key}
    else:
        asked = {"action": "new"} if healed else {"action": "new", "alias": key}
    own = {name: said for name, said in asked.items() if f"{name}=" not in address}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(own)}" if own else address


def _looks(messages: Sequence[Message]) -> apprise.NotifyType:
    open_ones = [message.alert.severity for message in messages if message.word is not Word.HEALED]
    worst = next((severity for severity in _LOOKS if severity in open_ones), None)
    return _LOOKS[worst] if worst else apprise.NotifyType.SUCCESS


class _Quiet:
    """apprise and what it calls with log addresses, with what is secret in them."""

    _LOGGERS = ("apprise", "urllib3", "urllib3.connectionpool", "requests")

    def __enter__(self) -> None:
        self._before = {name: logging.getLogger(name).disabled for name in self._LOGGERS}
        for name in self._LOGGERS:
            logging.getLogger(name).disabled = True

    def __exit__(self, *_: object) -> None:
        for name, before in self._before.items():
            logging.getLogger(name).disabled = before


def title_of(messages: Sequence[Message]) -> str:
    """What a phone shows."""
    worst = next(severity for severity in _LOOKS if severity in {message.alert.severity for message in messages})
    if len(messages) > 1:
        return f"[{worst}] {len(messages)} messages: {', '.join(sorted({_what(message) for message in messages}))}"
    return f"[{worst}] {messages[0].word}: {_what(messages[0])}"


def _what(message: Message) -> str:
    facts = message.alert.facts
    about = facts.get("entity") or facts.get("system") or message.alert.key.partition(":")[2]
    return f"{facts.get('kind', '').replace('_', ' ')} ({about})"


def text_of(messages: Sequence[Message], settings: AlertSettings) -> str:
    """One after the other, each with its own heading where there are several."""
    if len(messages) == 1:
        return body_of(messages[0].alert, settings, messages[0].word)
    told = (f"{title_of([message])}\n{body_of(message.alert, settings, message.word)}" for message in messages)
    return "\n\n".join(told)


def body_of(alert: AlertState, settings: AlertSettings, word: Word) -> str:
    """What broke, since when, how much, whom it concerns, what to do first, and where to read on."""
    facts = alert.facts
    over = f", over {alert.over_at:%Y-%m-%d %H:%M} UTC" if word is Word.HEALED and alert.over_at else ""
    run, book = facts.get("run", ""), settings.runbooks.rstrip("/")
    lines = [
        alert.says,
        f"since {alert.since:%Y-%m-%d %H:%M} UTC{over}",
        f"records: {facts['records']}" if "records" in facts else "",
        f"concerns: {facts['steward']}" if "steward" in facts else "",
        f"first: {facts['command']}" if "command" in facts and word is not Word.HEALED else "",
        f"run: {settings.ui.rstrip('/')}/runs/{run.partition('.')[0]}" if run and settings.ui else "",
        f"runbook: {book}/{facts['kind']}.md" if book and "kind" in facts else "",
    ]
    return "\n".join(line for line in lines if line)


def beat(address: str) -> None:
    """Tell an outside address that alerting is alive; it calls when it hears nothing. ChannelError where it fails."""
    try:
        httpx.get(address, timeout=_SECONDS, follow_redirects=False).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ChannelError(f"the heartbeat was not taken: {redact(str(error))}") from None
