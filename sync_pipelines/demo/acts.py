"""What happens in the demo, act by act. Every claim is looked up in the systems themselves or in the ledger."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from connectors.contract import RecordRef
from connectors.testing.world import Fault
from sync_pipelines.demo.firms import BOTH, CRM, ERP, Firm, firms
from sync_pipelines.demo.stage import Stage
from sync_pipelines.demo.systems import CRM_SYSTEM, ERP_SYSTEM, DemoSystems, compact
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.changes import OPEN
from sync_pipelines.settings import Place, open_ledger_at

FINANCE, SALES = "Frieda Sommer", "Ines Bergmann"
ENTITIES = ("user", "account", "contact")


class Play:
    """The acts, in order; they build on one another."""

    def __init__(self, stage: Stage, systems: DemoSystems, home: Path) -> None:
        """`home` holds book, ledger and secrets of this house."""
        self.stage, self.systems, self.home = stage, systems, home
        self.firms = firms()

    def all(self) -> None:
        """From the first look to the last."""
        self.looks()
        self.adopts()
        self.plans_and_is_held()
        self.settles()
        self.steward_answers()
        self.rests()
        self.edits()
        self.explains()
        self.meets_an_unknown_code()
        self.loses_an_answer()
        self.rests_again()

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger, for looking."""
        with open_ledger_at(Place.found()) as ledger:
            yield ledger

    def some(self, where: str, *, country: str = "") -> Sequence[Firm]:
        """Customers known by their tax number."""
        return [
            firm
            for firm in self.firms
            if firm.where == where and firm.known_by in ("tax_id", "") and firm.country == (country or firm.country)
        ]

    # --- day one -----------------------------------------------------------------------------------------------------

    def looks(self) -> None:
        """Both systems can be reached."""
        self.stage.scene("Can we work with both systems?")
        code = self.stage.command("doctor")
        self.stage.same("both systems are well", 0, code)

    def adopts(self) -> None:
        """What is on both sides is recognised; nothing is written."""
        self.stage.scene(
            "Day one: who is who?",
            "Both systems have lived apart. What is on both sides is recognised by customer number, tax id, or web",
            "site and name; what they say today is taken as agreed. Nothing is written.",
        )
        before = len(self.systems.crm.written())
        self.stage.command("adopt")
        self.stage.same("nothing was written", before, len(self.systems.crm.written()))
        known = [firm for firm in self.firms if firm.where == BOTH and firm.known_by != "name"]
        with self.ledger() as ledger:
            coupled = _on_both(ledger)
            asked = len(ledger.questions(entity="account"))
        self.stage.same(f"{len(known)} firms were recognised on both sides", len(known), coupled)
        unsure = [firm for firm in self.firms if firm.known_by == "name"]
        self.stage.same(f"{len(unsure)} look alike by name only, and a person is asked", len(unsure), asked)

    # --- the plan, and a guard ---------------------------------------------------------------------------------------

    def plans_and_is_held(self) -> None:
        """The plan is shown; a guard holds the mass of it; a person lets those very parts through."""
        self.stage.scene(
            "The plan, before anything is written",
            "Sales gets the firms that only finance knew, their numbers and limits; finance gets customers that are",
            "won and complete. So many writes are unusual: a guard holds them until a person has looked.",
        )
        self.stage.command("plan", "account")
        with self.ledger() as ledger:
            plan = ledger.plans("account", 1)[0].id
            held = [part.id for part in ledger.parts(plan) if not part.passed]
        self.stage.claim("the guard holds the mass create", holds=f"{plan}:crm:create" in held, saw=held)
        self.stage.say("\nFrieda from finance has looked, and lets these very parts through, by their ids:")
        leave = [word for part in held for word in ("--approve", part)]
        self.stage.command("apply", "--plan", plan, *leave, "--by", FINANCE)
        names = Counter(row.values["Name"] for row in self.systems.crm.living("Account"))
        missing = [firm.name for firm in self.some(ERP) if names[firm.name] != 1]
        self.stage.same("every firm that only finance knew is in the CRM now, once", [], missing)

    def settles(self) -> None:
        """The rest, contacts too, until nothing is left."""
        self.stage.scene(
            "The rest, until nothing is left to write",
            "Contacts could wait for their firms only. A bound is the other way to let much through.",
        )
        self.stage.command("apply", "--up-to", "300", "--by", FINANCE)

    def steward_answers(self) -> None:
        """The doubts, in a spreadsheet."""
        self.stage.scene(
            "What the rules leave open",
            "Some firms look alike and share no number. Stewards answer in a spreadsheet (or a console, or here).",
        )
        self.stage.command("review", "list")
        path = self.home / "questions.csv"
        self.stage.command("review", "export", str(path))
        self.stage.say("(The steward has written `link` into each line of the column `answer`.)")
        _fill_in(path, "link")
        self.stage.command("review", "import", str(path), "--by", FINANCE)
        self.stage.command("apply", "--up-to", "300", "--by", FINANCE)
        with self.ledger() as ledger:
            self.stage.same("no question is open", 0, len(ledger.questions()))

    def rests(self) -> None:
        """A second run finds nothing to do."""
        self.stage.scene("And once more: a settled house writes nothing")
        self._empty_plan()
        names = Counter(_plain(row.values["Name"]) for row in self.systems.crm.living("Account"))
        twice = [name for name, count in names.items() if count > 1]
        self.stage.same("300 firms are 300 accounts in the CRM", 300, len(self.systems.crm.living("Account")))
        self.stage.same("no firm is there twice in the CRM", [], twice)
        self._erp_is_right()

    def _empty_plan(self) -> None:
        written, code = len(self.systems.crm.written()), self.stage.command("plan")
        self.stage.same("the second plan is empty", 0, code)
        with self.ledger() as ledger:
            left = {entity: len(ledger.changes(plan=ledger.plans(entity, 1)[0].id)) for entity in ENTITIES}
        self.stage.same("nothing is left to write, of users, accounts and contacts", dict.fromkeys(ENTITIES, 0), left)
        self.stage.same("and nothing was written", written, len(self.systems.crm.written()))

    def _erp_is_right(self) -> None:
        wanted = [firm for firm in self.firms if firm.where != CRM or _goes_to_erp(firm)]
        numbers = Counter(self.systems.tax_numbers())
        says = f"{len(wanted)} firms are parties in the ERP, each tax number once"
        self.stage.same(says, 1, max(numbers.values()))
        missing = [firm.name for firm in wanted if numbers[compact(firm.tax_id)] != 1]
        self.stage.same("customers that are won and complete are there; the others wait", [], missing)
        self.stage.same("and nobody else is", len(wanted), sum(numbers.values()))

    # --- everyday life -----------------------------------------------------------------------------------------------

    def edits(self) -> None:
        """One who decides, one who does not, and two who share."""
        decided, reverted, shared = self.some(BOTH, country="DE")[:3]
        self.stage.scene(
            "People go on working",
            f"Finance, who decides credit limits, raises the one of {decided.name} to 90,000.",
            f"Sales, who does not, sets the one of {reverted.name} to 1,000,000.",
            f"And both write down a new phone number for {shared.name}, each another.",
        )
        crm, systems = {firm: self._account_id(firm) for firm in (decided, reverted, shared)}, self.systems
        limit = self.systems.crm.row("Account", crm[reverted])
        before = limit.values["Credit_Limit__c"] if limit else None
        systems.edit_party(systems.party(decided.name)["id"], credit_limit_amount=Decimal("90000.00"))
        systems.edit_account(crm[reverted], Credit_Limit__c=1_000_000.0)
        systems.edit_account(crm[shared], Phone="+49 40 5559901")
        systems.edit_phone(systems.party(shared.name)["id"], "+49 40 5559902")
        self.stage.command("plan", "account", "--reveal")
        self.stage.command("apply", "account")
        self.stage.same("the decider's edit reached the CRM", 90000.0, self._crm(crm[decided], "Credit_Limit__c"))
        self.stage.same("the other edit was taken back", before, self._crm(crm[reverted], "Credit_Limit__c"))
        notes = systems.crm.written(op="create", kind="Task") or systems.crm.notes("Account", crm[reverted])
        self.stage.claim("and who made it finds a note on the record that says so", holds=bool(notes), saw=notes)
        self._shared_phone(shared, crm[shared])

    def _shared_phone(self, firm: Firm, account: str) -> None:
        self.stage.same("neither phone number was written over", "+49 40 5559901", self._crm(account, "Phone"))
        with self.ledger() as ledger:
            asked = [one for one in ledger.questions(entity="account") if one.topic == "field:phone"]
        self.stage.same("and one question was asked about it", 1, len(asked))
        question = asked[0]
        self.stage.say(f"\n{firm.name}: two may decide, and both did. The rules do not guess; sales is asked.")
        self.stage.command("review", "show", question.id, "--reveal")
        self.stage.command("review", "answer", question.id, ERP_SYSTEM, "--by", SALES)
        self.stage.command("apply", "account")
        self.stage.same("the answer is everywhere", "+49 40 5559902", self._crm(account, "Phone"))

    def explains(self) -> None:
        """Why is it so?"""
        firm = next(firm for firm in self.firms if firm.where == CRM and _goes_to_erp(firm))
        self.stage.scene(
            "Why is it so?",
            f"{firm.name} began in the CRM, and sales decided its tax id. Since accounting knows it,",
            "accounting does.",
        )
        address = str(RecordRef(CRM_SYSTEM, "Account", self._account_id(firm)))
        self.stage.command("why", "account", address, "tax_id")
        with self.ledger() as ledger:
            ref = RecordRef.parse(address)
            entity_id = ledger.couplings_at("account", [ref])[ref].entity_id
            handed = [one for one in ledger.hand_overs("account", entity_id) if one.key == "tax_id"]
        self.stage.same("the hand-over from CRM to ERP is on record", [ERP_SYSTEM], [one.to for one in handed])

    def meets_an_unknown_code(self) -> None:
        """Held, mapped, replayed by itself."""
        firm = self.some(BOTH, country="DE")[4]
        self.stage.scene(
            "A code nobody has mapped",
            f"Finance invents the payment term `Net 45 days` and gives it to {firm.name}.",
            "An unknown code is never guessed: the record waits, and says what for.",
        )
        number, account = self.systems.party(firm.name)["id"], self._account_id(firm)
        before = self._crm(account, "Terms__c")
        self.systems.edit_party(number, customer_payment_term=self.systems.invent_term("Net 45 days", 45))
        self.stage.command("apply", "account")
        self.stage.command("quarantine", "list")
        self.stage.same("the CRM still has the old term", before, self._crm(account, "Terms__c"))
        table = self.home / "book" / "codes" / "payment_terms.csv"
        self.stage.say(f"\nOne line in {_short(table)} maps it; the waiting record goes on by itself:")
        self.stage.say("  net45,within 45 days,NET45,Net 45 days")
        with table.open("a", encoding="utf-8") as lines:
            lines.write("net45,within 45 days,NET45,Net 45 days\n")
        self.stage.command("apply", "account")
        self.stage.same("now the CRM has it", "NET45", self._crm(account, "Terms__c"))
        with self.ledger() as ledger:
            self.stage.same("nothing is in quarantine", 0, len(ledger.quarantined()))

    def loses_an_answer(self) -> None:
        """The worst moment for a line to break."""
        names = ["Nordlicht Seekabel GmbH", "Alpenglas Optik AG", "成都云山食品有限公司"]
        self.stage.scene(
            "An answer is lost in the middle of a create",
            "Finance enters three new firms. While they are made in the CRM the line breaks: they are made, and the",
            "answer never arrives. To send them again would make them twice.",
        )
        self.systems.enter_parties(names)
        self.systems.world.faults.force(Fault.LOST_AFTER, f"{CRM_SYSTEM}.create")
        self.stage.command("apply", "account")
        self.stage.same("the line did break", 1, self.systems.world.faults.fired[Fault.LOST_AFTER])
        there = Counter(row.values["Name"] for row in self.systems.crm.living("Account"))
        self.stage.same("each of the three is there once", [1, 1, 1], [there[name] for name in names])
        with self.ledger() as ledger:
            self.stage.same("no write is left without a known outcome", 0, len(ledger.changes(states=OPEN)))

    def rests_again(self) -> None:
        """The end, which is rest."""
        self.stage.scene("And everything is at rest again")
        self.stage.command("status")
        self._empty_plan()

    # --- looking -----------------------------------------------------------------------------------------------------

    def _account_id(self, firm: Firm) -> str:
        names = {firm.name, firm.crm_name}
        return next(row.id for row in self.systems.crm.living("Account") if row.values["Name"] in names)

    def _crm(self, record: str, field: str) -> object:
        row = self.systems.crm.read("Account", record)
        return None if row is None else row.values[field]


def _on_both(ledger: Ledger) -> int:
    found = ledger.couplings_of("account", ledger.entity_ids("account"))
    return sum(1 for couplings in found.values() if len({one.ref.system for one in couplings}) > 1)


def _goes_to_erp(firm: Firm) -> bool:
    """As the book has it: won or ordered, customer or prospect, with tax id and address."""
    return firm.status in ("Won", "Ordered") and firm.kind in ("Customer", "Prospect") and firm.number % 6 != 0


def _plain(name: str) -> str:
    return name.casefold()


def _short(path: Path) -> str:
    return str(Path(*path.parts[-4:]))


def _fill_in(path: Path, answer: str) -> None:
    """What a steward does in a spreadsheet."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    column = rows[0].index("answer")
    for row in rows[1:]:
        row[column] = answer
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
