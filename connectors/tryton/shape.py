"""Which fields of which Tryton models make up a document, and in which words they are told. No I/O."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

PARTY = "party.party"
EMPLOYEE = "company.employee"
RELATION = "party.relation.all"
STAMPS = ("create_uid", "write_uid", "_timestamp")

TEXT = "text"
FLAG = "flag"
AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Word:
    """A reference that is told by a word of the other record rather than by its number."""

    model: str
    field: str


COUNTRY = Word("country.country", "code")
SUBDIVISION = Word("country.subdivision", "code")
PAYMENT_TERM = Word("account.invoice.payment_term", "name")
LANGUAGE = Word("ir.lang", "code")
COMPANY = Word("company.company", "party.code")  # unique, short and stable, unlike its name
RELATION_TYPE = Word("party.relation.type", "name")
USER = Word("res.user", "login")


@dataclass(frozen=True, slots=True)
class Part:
    """A list of children in a document."""

    name: str  # the party's field
    model: str
    fields: Mapping[str, str | Word]
    told: tuple[str, ...] = ()  # computed by the server or by us, never written
    same: Mapping[str, str] = field(default_factory=dict)  # field → a second spelling of it that the server keeps


SCALARS: Mapping[str, str | Word] = {
    "name": TEXT,
    "code": TEXT,
    "active": FLAG,
    "lang": LANGUAGE,
    "customer_payment_term": PAYMENT_TERM,
    "supplier_payment_term": PAYMENT_TERM,
}

ADDRESSES = Part(
    "addresses",
    "party.address",
    {
        "party_name": TEXT,
        "attn": TEXT,
        "building_name": TEXT,
        "street": TEXT,
        "postal_code": TEXT,
        "city": TEXT,
        "subdivision": SUBDIVISION,
        "country": COUNTRY,
        "invoice": FLAG,
        "delivery": FLAG,
    },
    told=("is_invoice_address",),
)
IDENTIFIERS = Part(
    "identifiers",
    "party.identifier",
    {"type": TEXT, "code": TEXT},
    told=("code_compact",),
    same={"code": "code_compact"},
)
CONTACT_MECHANISMS = Part(
    "contact_mechanisms",
    "party.contact_mechanism",
    {"type": TEXT, "value": TEXT, "name": TEXT, "comment": TEXT, "invoice": FLAG, "delivery": FLAG},
    told=("value_compact",),
    same={"value": "value_compact"},
)
CREDIT_LIMITS = Part(
    "credit_limit_amounts", "party.party.credit_limit_amount", {"company": COMPANY, "credit_limit_amount": AMOUNT}
)
LISTS = (ADDRESSES, IDENTIFIERS, CONTACT_MECHANISMS)
PARTS = (*LISTS, CREDIT_LIMITS)

_RELATION_FIELDS = ("to", "type")  # the stamps of relations are those of the moment of asking


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields that this very installation has, by model. Which modules are activated decides."""

    known: Mapping[str, frozenset[str]]

    def has(self, model: str, name: str) -> bool:
        return name in self.known.get(model, ())

    @property
    def has_relations(self) -> bool:
        return self.has(PARTY, "relations")

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for part in PARTS if self.has(PARTY, part.name))

    def scalars(self) -> Iterator[str]:
        """The party's own fields that a document tells."""
        return (name for name in SCALARS if self.has(PARTY, name))

    def of_part(self, part: Part) -> Iterator[str]:
        """A part's fields that the server tells."""
        return (name for name in (*part.fields, *part.told) if self.has(part.model, name))

    def asked(self, *, with_relations: bool) -> list[str]:
        """The field names of a read that answers whole documents in one call."""
        names = [*self.scalars(), *STAMPS]
        names += [name for name in ("tax_identifier",) if self.has(PARTY, name)]
        names += [f"{part.name}.{name}" for part in self.parts for name in (*self.of_part(part), *STAMPS)]
        if with_relations:
            names += [f"relations.{name}" for name in _RELATION_FIELDS]
        return names
