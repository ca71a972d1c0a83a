"""Sunday, 3 a.m.: an early account in the CRM, one in the shop, and accounting, which meets both later."""

from collections.abc import Sequence

from connectors.contract import RecordRef
from mappings.values import Values
from sync_pipelines.demo.acts.play import Act, Play
from sync_pipelines.demo.cast import CRM, ERP, SHOP
from sync_pipelines.simulation.customers.numbers import tax_id

NAME, SHORT = "Nordlicht Seekabel GmbH", "Nordlicht Seekabel"
SITE, PHONE = "nordlicht-seekabel.example", "+494055590210"
TAX_ID = tax_id("DE", 88_000_000, 0)
STREET = "Am Sandtorkai 48"
_ADDRESS: Values = {"street": STREET, "city": "Hamburg", "postal_code": "20457", "region": None, "country": "DE"}


def begins(play: Play) -> str:
    """Months ago: sales meets somebody at a fair and gets a card. No order."""
    return play.systems.sales.make(
        Name=NAME, Type="Prospect", Customer_Status__c="Prospect", Website=f"www.{SITE}", Phone="+49 40 555 90210",
        BillingStreet=STREET, BillingCity="Hamburg", BillingPostalCode="20457", BillingCountry="Germany",
        Segment__c="Industry", Tax_Number__c=TAX_ID,
    )  # fmt: skip


def sunday(play: Play) -> None:
    """Told once, in three steps."""
    (account,) = (row.id for row in play.systems.sales.named(NAME))
    _somebody_registers(play, account)
    _accounting_makes_the_customer(play, account)
    _says_why(play, account)


def _somebody_registers(play: Play, account: str) -> None:
    play.stage.scene(
        "Sunday, 3 a.m.",
        f"Months ago sales met {NAME} at a fair: a prospect, and nothing for accounting yet.",
        "Tonight somebody there opens an account in the shop, by a shorter name, with the firm's VAT number.",
    )
    buyer: Values = {"name": "Jonas Petersen", "email": f"jonas.petersen@{SITE}"}
    said: Values = {"name": SHORT, "tax_id": TAX_ID, "phone": PHONE, "billing_address": dict(_ADDRESS)}
    customer = play.systems.shop.make(said, buyer)
    play.settle()
    one, other = play.entity(CRM, "Account", account), play.entity(SHOP, "Customer", customer)
    play.stage.same("the shop's account and the CRM's are known to be one", one, other)
    there = [len(play.systems.sales.named(name)) for name in (NAME, SHORT)]
    play.stage.same("the CRM still has it once", [1, 0], there)
    people = [row.values["Email"] for row in play.systems.sales.contacts(account)]
    play.stage.same("and learns who buys there", [buyer["email"]], people)
    play.stage.same("accounting hears nothing of a prospect", [], play.customers_of(NAME))


def _accounting_makes_the_customer(play: Play, account: str) -> None:
    play.stage.scene(
        "Monday: accounting makes the customer",
        f"An order is on its way, and Frieda enters {NAME} into {play.systems.finance.name}: name and tax id, no",
        "address. From now on accounting decides the address, and its record says that there is none.",
    )
    record = play.systems.finance.make(NAME, TAX_ID, "DE")
    play.settle()
    made = play.known(record)
    play.stage.same("accounting's record is recognised", 1, len(play.customers_of(NAME)))
    play.stage.same("the blank address of the stub did not win", STREET, play.crm(account, "BillingStreet"))
    play.stage.claim("and was filled from the one that sales had", holds=STREET in made.street, saw=made.street)
    play.stage.same("its customer number is in the CRM", made.number, play.crm(account, "Customer_Number__c"))


def _says_why(play: Play, account: str) -> None:
    ref = RecordRef(CRM, "Account", account)
    play.stage.say("\nWho decides the tax id of this firm now, and since when?")
    play.stage.command("why", "account", str(ref), "tax_id")
    with play.ledger() as ledger:
        entity_id = ledger.couplings_at("account", [ref])[ref].entity_id
        handed = [one.to for one in ledger.hand_overs("account", entity_id) if one.key == "tax_id"]
    play.stage.same("the hand-over of the tax id to accounting is on record", ERP, handed[-1] if handed else "")


ACTS: Sequence[Act] = (sunday,)
