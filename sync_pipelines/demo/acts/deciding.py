"""Who decides: one who does, one who does not, two who share, and one value per company."""

from collections.abc import Sequence
from decimal import Decimal

from sync_pipelines.demo.acts.play import SALES, Act, Play
from sync_pipelines.demo.cast import CRM, ERP, Firm

_MINE, _YOURS = "+49 40 5559901", "+494055599902"


def decides(play: Play) -> None:
    """Three edits, one after another, settled at once."""
    decided, reverted, shared = play.some(CRM, ERP, country="DE")[:3]
    play.stage.scene(
        "Who decides?",
        f"Finance, who decides credit limits, raises the one of {decided.name} to 90,000.",
        f"Sales, who does not, sets the one of {reverted.name} to 1,000,000.",
        f"And both write down a new phone number for {shared.name}, each another.",
    )
    crm, erp = play.records[CRM], play.records[ERP]
    before = play.crm(crm[reverted.id], "Credit_Limit__c")
    play.systems.finance.set_limit(erp[decided.id], "100", 90_000)
    play.systems.sales.edit(crm[reverted.id], Credit_Limit__c=1_000_000.0)
    play.systems.sales.edit(crm[shared.id], Phone=_MINE)
    play.systems.finance.set_phone(erp[shared.id], _YOURS)
    play.stage.command("plan", "account", "--reveal")
    play.stage.command("apply", "account")
    play.stage.same("the decider's edit reached the CRM", 90_000.0, play.crm(crm[decided.id], "Credit_Limit__c"))
    play.stage.same("the other edit was taken back", before, play.crm(crm[reverted.id], "Credit_Limit__c"))
    notes = play.systems.sales.told(crm[reverted.id])
    play.stage.claim("and who made it finds a note on the record that says so", holds=bool(notes), saw=notes)
    if notes:
        play.stage.say(f"    “{notes[-1]}”")
    _shared_phone(play, shared)


def _shared_phone(play: Play, firm: Firm) -> None:
    account = play.records[CRM][firm.id]
    play.stage.same("neither phone number was written over", _MINE, play.crm(account, "Phone"))
    with play.ledger() as ledger:
        asked = [one for one in ledger.questions(entity="account") if one.topic == "field:phone"]
    play.stage.same("and one question was asked about it", 1, len(asked))
    play.stage.say(f"\n{firm.name}: two may decide, and both did. The rules do not guess; sales is asked.")
    play.stage.command("review", "show", asked[0].id, "--reveal")
    play.stage.command("review", "answer", asked[0].id, ERP, "--by", SALES)
    play.stage.command("apply", "account")
    play.stage.same("the answer is everywhere", _YOURS, digits(play.crm(account, "Phone")))


def digits(phone: object) -> str:
    """A phone number without its look."""
    return "".join(sign for sign in str(phone) if sign.isdigit() or sign == "+")


def decides_per_company(play: Play) -> None:
    """A firm that buys from two of our companies owes each of them only so much."""
    firm = next(one for one in play.some(CRM, ERP, country="CN") if one.number)
    play.stage.scene(
        "One firm, two companies",
        f"{firm.name} buys from both of our companies. Shanghai (200) now lets it owe 750,000 CNY; what it may owe",
        "Hamburg (100) is another matter, and the only one that the CRM shows.",
    )
    account, record = play.records[CRM][firm.id], play.records[ERP][firm.id]
    shown, limits = play.crm(account, "Credit_Limit__c"), play.known(record).limits
    play.systems.finance.set_limit(record, "200", 750_000)
    play.stage.command("apply", "account")
    play.stage.command("why", "account", f"{CRM}/Account/{account}", "credit_limit@200", "--reveal")
    entity_id = play.entity(CRM, "Account", account)
    agreed = play.golden(entity_id)
    play.stage.same("the limit of company 200 is agreed", _money("750000", "CNY"), agreed.get("credit_limit@200"))
    play.stage.same("the limit of company 100 is as it was", shown, play.crm(account, "Credit_Limit__c"))
    after = {**limits, "200": Decimal(750_000)}
    play.stage.same("and the ERP has both, as finance left them", after, dict(play.known(record).limits))


def _money(amount: str, currency: str) -> dict[str, str]:
    return {"amount": amount, "currency": currency}


ACTS: Sequence[Act] = (decides, decides_per_company)
