"""`users`: who may pass the gate. A password never stands on the command line: it is asked for, or read from stdin."""

import re
import sys
from collections.abc import Mapping
from dataclasses import replace

import click

from sync_pipelines.commands.office import FINE, LOOK, Office, by_option, json_option, office
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.records import AuditEntry, Login

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_ROLES = click.Choice(["viewer", "operator", "admin"])


@click.group(short_help="who may pass the gate, and as what")
def users() -> None:
    """Who may log in at the gate (`concordat serve`), and as what: viewer, operator or admin."""


@users.command("list", short_help="all of them")
@json_option
@office
def list_(office: Office, *, as_json: bool) -> int:
    """Show who may log in."""
    with office.open_house() as house:
        known = house.ledger.logins()
    if as_json:
        office.json({"users": [_told(one) for one in known]})
        return FINE
    office.print(*[f"{one.role:9} {one.name}{'' if one.secret else '   (by way of a proxy only)'}" for one in known])
    if not known:
        office.print("nobody may log in yet: concordat users add NAME --role admin")
    return FINE


@users.command(short_help="let somebody in")
@click.argument("name")
@click.option("--role", type=_ROLES, default="viewer", show_default=True)
@click.option(
    "--no-password", is_flag=True, help="Only by way of a proxy that names them (CONCORDAT_GATE_USER_HEADER)."
)
@by_option
@office
def add(office: Office, name: str, role: str, by: str | None, *, no_password: bool) -> int:
    """Let NAME in. The password is asked for, or read from stdin where nobody sits before it."""
    if not _NAME.fullmatch(name):
        raise click.UsageError(f"{name!r} is no name for a login: letters, digits and . _ @ + - in between")
    with office.open_house() as house:
        if name in _known(house.ledger):
            raise click.UsageError(f"{name} is known already; `concordat users passwd {name}` changes the password")
        now = office.clock()
        _keep(house.ledger, Login(name, role, "" if no_password else _secret(name), now, now), "let in", office, by)
    office.print(f"{name} may log in as {role}")
    return FINE


@users.command(short_help="another password")
@click.argument("name")
@by_option
@office
def passwd(office: Office, name: str, by: str | None) -> int:
    """Give NAME another password; wherever they are logged in, they are out."""
    with office.open_house() as house:
        login = replace(_one(house.ledger, name), secret=_secret(name), changed_at=office.clock())
        _keep(house.ledger, login, "gave another password to", office, by)
    office.print(f"{name} has another password, and has to log in again")
    return FINE


@users.command(short_help="another role")
@click.argument("name")
@click.argument("role", type=_ROLES)
@by_option
@office
def role(office: Office, name: str, role: str, by: str | None) -> int:
    """Give NAME another ROLE; they have to log in again."""
    with office.open_house() as house:
        login = replace(_one(house.ledger, name), role=role, changed_at=office.clock())
        _keep(house.ledger, login, "gave another role to", office, by)
    office.print(f"{name} is {role} now, and has to log in again")
    return FINE


@users.command(short_help="let somebody in no more")
@click.argument("name")
@by_option
@office
def remove(office: Office, name: str, by: str | None) -> int:
    """Let NAME in no more; within five seconds they are out."""
    with office.open_house() as house:
        ledger = house.ledger
        _one(ledger, name)
        with ledger.transaction():
            ledger.drop_login(name)
            ledger.audit([AuditEntry(office.clock(), by or office.user(), "removed", f"login {name}")])
        left = ledger.logins()
    office.print(f"{name} may log in no more")
    if not any(one.role == "admin" for one in left):
        click.echo("nobody is admin now: concordat users add NAME --role admin", err=True)
        return LOOK
    return FINE


def _told(one: Login) -> Mapping[str, object]:
    return {"name": one.name, "role": one.role, "password": bool(one.secret), "since": one.since}


def _keep(ledger: Ledger, login: Login, did: str, office: Office, by: str | None) -> None:
    with ledger.transaction():
        ledger.keep_login(login)
        entry = AuditEntry(office.clock(), by or office.user(), did, f"login {login.name}", {"role": login.role})
        ledger.audit([entry])


def _known(ledger: Ledger) -> Mapping[str, Login]:
    return {one.name: one for one in ledger.logins()}


def _one(ledger: Ledger, name: str) -> Login:
    if (found := _known(ledger).get(name)) is None:
        raise click.UsageError(f"nobody is called {name}; `concordat users list` names them")
    return found


def _secret(name: str) -> str:
    from sync_pipelines.gate.passwords import complaint, hashed

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt="The same once more")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if says := complaint(name, password):
        raise click.UsageError(says)
    return hashed(password)
