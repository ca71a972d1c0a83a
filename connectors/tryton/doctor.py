"""What `check` looks at, in the order in which things go wrong."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from connectors.contract import Finding
from connectors.errors import ConnectorError
from connectors.tryton.reading import Reader
from connectors.tryton.session import Session
from connectors.tryton.settings import TrytonSettings
from connectors.tryton.shape import CREDIT_LIMITS, PARTY, RELATION_TYPE
from connectors.tryton.words import UnknownWordError

_TESTED = "8.2"
_WRITTEN = (PARTY, "party.address", "party.identifier", "party.contact_mechanism")
_SKEW = timedelta(seconds=30)


def findings(session: Session, reader: Reader, settings: TrytonSettings, now: datetime) -> Sequence[Finding]:
    """One line each; after the first step that fails nothing behind it can be looked at."""
    found: list[Finding] = []
    steps: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("server", lambda: _server(session, settings)),
        ("clock", lambda: _clock(session, now, settings.look_back)),
        ("login", lambda: _login(session, settings)),
        ("modules", lambda: _modules(reader, settings)),
        ("rights", lambda: _rights(session, settings)),
    ]
    for about, step in steps:
        try:
            found += step()
        except ConnectorError as error:
            return [*found, Finding(ok=False, about=about, says=str(error), do="mend this first, then check again")]
    return found


def _server(session: Session, settings: TrytonSettings) -> Iterator[Finding]:
    series = session.version()
    is_tested = series == _TESTED
    do = "" if is_tested else f"this connector is proven on {_TESTED}; run `concordat certify` on a sandbox first"
    yield Finding(ok=series.startswith("8."), about="server", says=f"Tryton {series} at {settings.url}", do=do)


def _clock(session: Session, now: datetime, look_back: timedelta) -> Iterator[Finding]:
    skew = session.now() - now
    says = f"differs from ours by {abs(skew.total_seconds()):.0f} s"
    do = "" if abs(skew) <= _SKEW else f"synchronise the clocks; changes are read {look_back} back"
    yield Finding(ok=abs(skew) <= _SKEW, about="clock", says=says, do=do)


def _login(session: Session, settings: TrytonSettings) -> Iterator[Finding]:
    company = session.context.get("company.rec_name")
    says = f"{settings.user} works for {company or 'no company'}"
    yield Finding(ok=bool(company), about="login", says=says, do="" if company else "give the user a current company")


def _modules(reader: Reader, settings: TrytonSettings) -> Iterator[Finding]:
    shape = reader.told.shape
    if settings.contact_relation:
        yield _contacts(reader, settings.contact_relation)
    has_limits = CREDIT_LIMITS in shape.parts
    yield Finding(
        ok=True, about="credit limits", says="per company" if has_limits else "module not activated: not read"
    )
    has_terms = shape.has(PARTY, "customer_payment_term")
    yield Finding(ok=True, about="payment terms", says="by name" if has_terms else "module not activated: not read")


def _contacts(reader: Reader, name: str) -> Finding:
    try:
        reader.words.number(RELATION_TYPE, name)
    except UnknownWordError as error:
        do = f"create the relation type {name!r}, or set CONTACT_RELATION"
        return Finding(ok=False, about="contacts", says=str(error), do=do)
    return Finding(ok=True, about="contacts", says=f"by the relation {name!r}")


def _rights(session: Session, settings: TrytonSettings) -> Iterator[Finding]:
    access = session.read("model.ir.model.access.get_access", list(_WRITTEN))
    lacking = [model for model in _WRITTEN if not all(access[model][right] for right in ("read", "write", "create"))]
    says = f"lacks rights to {', '.join(lacking)}" if lacking else "may read, write and create parties"
    says += "; may delete parties, which is never done: take that right away" if access[PARTY]["delete"] else ""
    do = "give the user read, write and create there" if lacking else ""
    yield Finding(ok=not lacking, about="rights", says=f"{settings.user} {says}", do=do)
