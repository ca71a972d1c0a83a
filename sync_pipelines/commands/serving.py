"""`serve`: the gate."""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connectors.errors import MisconfiguredError
from sync_pipelines.commands.office import FINE, Office, office

if TYPE_CHECKING:  # loaded when the command runs
    from sync_pipelines.gate.rules import Rules
    from sync_pipelines.gate.serving import Certificate

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="the gate: Dagster behind logins and roles, metrics, webhooks")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True)
@click.option(
    "--workspace", type=_FILE, help="Code locations, as Dagster's workspace.yaml (default: ours, loaded here)."
)
@click.option("--certificate", type=_FILE, help="Chain of certificates, in PEM; without it a proxy does TLS.")
@click.option("--key", type=_FILE, help="Its key, in PEM.")
@office
def serve(
    office: Office, host: str, port: int, workspace: Path | None, certificate: Path | None, key: Path | None
) -> int:
    """Serve Dagster's pages behind a login, with roles; /metrics, /healthz, /readyz; and /webhooks/SYSTEM.

    Runs are started by Dagster's daemon, which runs beside this. Where people come from other machines, say how they
    reach it: CONCORDAT_GATE_URL=https://concordat.example. More: docs/howto/serve.md.
    """
    from sync_pipelines.commands.showing import dagster_home
    from sync_pipelines.commands.watchman import told
    from sync_pipelines.gate.application import gate
    from sync_pipelines.gate.dagster_pages import dagster_pages
    from sync_pipelines.gate.rules import rules_of
    from sync_pipelines.gate.serving import sealing_key
    from sync_pipelines.gate.serving import serve as listen

    pair = _pair(certificate, key)
    rules = rules_of(told, host, port, tls=pair is not None)
    home = Path(os.environ.get("CONCORDAT_HOME") or ".concordat").absolute()
    house = _house(office, sealing_key(told("CONCORDAT_GATE_KEY"), home), rules)
    os.environ.setdefault("DAGSTER_HOME", str(dagster_home(home)))
    office.print("Dagster's pages are loaded …")
    with dagster_pages(workspace) as pages:
        listen(gate(house, rules, pages), host, port, lambda url: office.print(f"the gate is open at {url}"), pair)
    return FINE


def _pair(certificate: Path | None, key: Path | None) -> "Certificate | None":
    from sync_pipelines.gate.serving import Certificate

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key belong together")
    return Certificate(certificate, key) if certificate and key else None


def _house(office: Office, key: bytes, rules: "Rules") -> Any:
    from sync_pipelines.flow.standing import standing_of
    from sync_pipelines.gate.application import House
    from sync_pipelines.settings import Place, open_ledger_at, open_webhooks_of

    place, book, watchman = Place.found(), office.read_book(), office.watchman()
    opens = partial(open_ledger_at, place)
    with opens() as ledger:
        if not ledger.logins() and not rules.user_header:
            raise MisconfiguredError("nobody could log in: `concordat users add NAME --role admin` comes first")

    def stands() -> Any:
        with opens() as ledger:
            return standing_of(ledger, book, office.clock(), watchman.kept())

    return House(opens, stands, partial(open_webhooks_of, book), frozenset(book.systems), office.clock, key)
