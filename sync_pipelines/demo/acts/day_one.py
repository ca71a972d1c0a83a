"""Day one: three systems that have lived apart are brought into agreement, and nothing is written in the mass."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from connectors.contract import RecordRef
from sync_pipelines.demo.acts.play import FINANCE, Act, Play, compact
from sync_pipelines.demo.cast import CRM, ERP, SHOP, Firm
from sync_pipelines.ledger.port import Ledger
from sync_pipelines.model.questions import About, Question


def looks(play: Play) -> None:
    """The systems can be reached."""
    play.stage.scene("Can we work with them?")
    play.stage.same("all three systems are well", 0, play.stage.command("doctor"))


def adopts(play: Play) -> None:
    """What is on several sides is recognised; nothing is written."""
    play.stage.scene(
        "Day one: who is who?",
        "The systems have lived apart. What is on several sides is recognised by customer number or tax id; else",
        "names, addresses and phones are weighed. What they say today is taken as agreed. Nothing is written.",
    )
    before = play.systems.sales.writes()
    play.stage.command("adopt")
    play.stage.same("nothing was written", before, play.systems.sales.writes())
    with play.ledger() as ledger:
        entities = _entities(play, ledger)
        asked = len({question.entity_id for question in ledger.questions(entity="account")})
    joined = [firm for firm in play.firms if len(set(entities[firm.id].values())) < len(firm.where)]
    wrong = [ids for ids in _together(entities).values() if len(ids) > 1]
    play.stage.claim(f"{len(joined)} firms were recognised on several sides", holds=len(joined) > 100, saw=len(joined))  # noqa: PLR2004 - of 136
    play.stage.same("and no two different firms were taken for one", [], wrong)
    play.stage.claim(f"where it is not sure ({asked} times), a person is asked", holds=0 < asked < 25, saw=asked)  # noqa: PLR2004 - few


def _entities(play: Play, ledger: Ledger) -> Mapping[str, Mapping[str, str]]:
    """By firm and system, which entity its record is."""
    kinds = {CRM: "Account", SHOP: "Customer", ERP: play.systems.finance.kind}
    refs = {(f.id, s): RecordRef(s, kinds[s], play.records[s][f.id]) for f in play.firms for s in f.where}
    found = ledger.couplings_at("account", sorted(set(refs.values())))
    told: dict[str, dict[str, str]] = {firm.id: {} for firm in play.firms}
    for (firm, system), ref in refs.items():
        told[firm][system] = found[ref].entity_id if ref in found else f"none:{ref}"
    return told


def _together(entities: Mapping[str, Mapping[str, str]]) -> Mapping[str, set[str]]:
    """By entity, the firms that are in it in truth."""
    found: dict[str, set[str]] = {}
    for firm, ids in entities.items():
        for entity_id in ids.values():
            found.setdefault(entity_id, set()).add(firm)
    return found


def plans_and_is_held(play: Play) -> None:
    """The plan is shown; a guard holds the mass of it; a person lets those very parts through."""
    play.stage.scene(
        "The plan, before anything is written",
        "Sales gets the firms that only finance or the shop knew, and their numbers; finance gets customers that are",
        "won and complete. So many writes are unusual: a guard holds them until a person has looked.",
    )
    play.stage.command("plan", "account")
    with play.ledger() as ledger:
        plan = ledger.plans("account", 1)[0].id
        held = [part.id for part in ledger.parts(plan) if not part.passed]
    play.stage.claim("the guard holds the mass create", holds=f"{plan}:crm:create" in held, saw=held)
    play.stage.say("\nFrieda from finance has looked, and lets these very parts through, by their ids:")
    leave = [word for part in held for word in ("--approve", part)]
    play.stage.command("apply", "--plan", plan, *leave, "--by", FINANCE)
    names = Counter(row.values["Name"] for row in play.systems.sales.accounts())
    missing = [firm.name for firm in play.some(ERP) if names[firm.name] != 1]
    play.stage.same("every firm that only finance knew is in the CRM now, once", [], missing)


def settles(play: Play) -> None:
    """The rest, contacts too, until nothing is left."""
    play.stage.scene(
        "The rest, until nothing is left to write",
        "Contacts could wait for their firms only. A bound is the other way to let much through.",
    )
    play.settle()


def stewards_answer(play: Play) -> None:
    """The doubts, in a spreadsheet."""
    play.stage.scene(
        "What the rules leave open",
        "Some firms bear one name and have two addresses: moved, or two firms? Stewards answer in a spreadsheet (or a",
        "console, or here).",
    )
    play.stage.command("review", "list")
    path = play.home / "questions.csv"
    play.stage.command("review", "export", str(path))
    with play.ledger() as ledger:
        answers = _true_answers(play, ledger)
    play.stage.say(f"(The stewards have written an answer into each line: {_counted(answers)}.)")
    _fill_in(path, answers)
    play.stage.command("review", "import", str(path), "--by", FINANCE)
    play.settle()
    with play.ledger() as ledger:
        play.stage.same("no question is open", 0, len(ledger.questions()))


def _true_answers(play: Play, ledger: Ledger) -> Mapping[str, str]:
    """What somebody answers who knows the firms: by question, `link` where they are one in truth."""
    firm_of = {entity: sorted(firms) for entity, firms in _together(_entities(play, ledger)).items()}
    return {question.id: _true_answer(question, firm_of) for question in ledger.questions()}


def _true_answer(question: Question, firm_of: Mapping[str, list[str]]) -> str:
    if question.about is not About.MATCH:
        return next(iter(question.choices))
    mine = firm_of.get(question.entity_id)
    alike = [one for one in question.others if mine is None or firm_of.get(one) in (None, mine)]
    named = {other: name for name, other in question.evidence.get("others", {}).items()}
    if alike and len(alike) == len(question.others):
        return next((word for word in ("link", "join") if word in question.choices), named.get(alike[0], "apart"))
    return named[alike[0]] if alike else "apart"


def _counted(answers: Mapping[str, str]) -> str:
    return ", ".join(f"{count} × {answer}" for answer, count in Counter(answers.values()).most_common())


def _fill_in(path: Path, answers: Mapping[str, str]) -> None:
    """What a steward does in a spreadsheet."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    question, answer = rows[0].index("question"), rows[0].index("answer")
    for row in rows[1:]:
        row[answer] = answers[row[question]]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))


def rests(play: Play) -> None:
    """A second run finds nothing to do, and everybody is where they belong, once."""
    play.stage.scene("And once more: a settled house writes nothing")
    play.empty_plan()
    accounts = len(play.systems.sales.accounts())
    expected = len(play.firms) + 1  # and the one that sales has just begun with
    play.stage.same(f"{expected} firms are {expected} accounts in the CRM", expected, accounts)
    play.each_once()
    _erp_is_right(play)


def _erp_is_right(play: Play) -> None:
    wanted = [firm for firm in play.firms if ERP in firm.where or goes_to_erp(firm)]
    numbers = Counter(compact(one.tax_id) for one in play.systems.finance.all() if one.tax_id)
    missing = [firm.name for firm in wanted if numbers[compact(firm.tax_id)] != 1]
    play.stage.same("customers that are won and complete are in the ERP, once; the others wait", [], missing)
    play.stage.same("and nobody else is", len(wanted), sum(numbers.values()))


def goes_to_erp(firm: Firm) -> bool:
    """As the book has it: won or ordered, customer or prospect, with tax id and address."""
    complete = any(one.values.get("tax_id") for one in firm.appearances.values())
    return (
        firm.customer_status in ("won", "ordered") and firm.account_type != "partner" and complete and CRM in firm.where
    )


ACTS: Sequence[Act] = (looks, adopts, plans_and_is_held, settles, stewards_answer, rests)
