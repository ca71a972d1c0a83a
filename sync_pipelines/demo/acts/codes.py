"""An unknown code holds one record; the rest goes on, and the record too, once the code is mapped."""

import csv
from collections.abc import Sequence
from pathlib import Path

from sync_pipelines.demo.acts.play import Act, Play
from sync_pipelines.demo.cast import CRM, ERP

_TERM = {"canonical": "net45", "means": "within 45 days", "salesforce": "NET45"}


def meets_an_unknown_code(play: Play) -> None:
    """Held, mapped, replayed by itself."""
    held, other = play.some(CRM, ERP, country="DE")[4:6]
    invented = play.systems.finance.invent_term()
    play.stage.scene(
        "A code nobody has mapped",
        f"Finance invents the payment term `{invented['says']}` and gives it to {held.name}.",
        f"The same morning it raises the credit limit of {other.name}.",
        "An unknown code is never guessed: its record waits, and says what for. The rest goes on.",
    )
    account, before = play.records[CRM][held.id], play.crm(play.records[CRM][held.id], "Terms__c")
    play.systems.finance.give_invented_term(play.records[ERP][held.id])
    play.systems.finance.set_limit(play.records[ERP][other.id], "100", 77_000)
    play.stage.command("apply", "account")
    play.stage.command("quarantine", "list")
    play.stage.same("the CRM still has the old term", before, play.crm(account, "Terms__c"))
    limit = play.crm(play.records[CRM][other.id], "Credit_Limit__c")
    play.stage.same("the other firm's new limit is there: one record waits, not all", 77_000.0, limit)
    line = _map(play.home / "book" / "codes" / "payment_terms.csv", play.systems.erp_name, invented["code"])
    play.stage.say("\nOne line in .concordat/demo/book/codes/payment_terms.csv maps it; the record goes on by itself:")
    play.stage.say(f"  {line}")
    play.stage.command("apply", "account")
    play.stage.same("now the CRM has it", "NET45", play.crm(account, "Terms__c"))
    with play.ledger() as ledger:
        play.stage.same("nothing is in quarantine", 0, len(ledger.quarantined()))


def _map(table: Path, erp: str, code: str) -> str:
    """Add the line that somebody would add; answers it."""
    columns = next(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    line = ",".join({**_TERM, erp: code}.get(column, "") for column in columns)
    with table.open("a", encoding="utf-8") as lines:
        lines.write(f"{line}\n")
    return line


ACTS: Sequence[Act] = (meets_an_unknown_code,)
