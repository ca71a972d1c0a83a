"""How one Tryton database is reached and read."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field, SecretStr

from connectors.settings import ConnectionSettings

# Where a tax number is written without its type, the country of the invoice address tells it. Names as in Tryton 8.2.
_TAX_TYPES: Mapping[str, str] = {
    "AU": "au_vat",
    "BR": "br_vat",
    "CA": "ca_bn",
    "CH": "ch_vat",
    "CN": "cn_vat",
    "GB": "gb_vat",
    "IN": "in_gstin",
    "JP": "jp_vat",
    "KR": "kr_vat",
    "MX": "mx_vat",
    "NO": "no_vat",
    "SG": "sg_uen",
    "TR": "tr_vat",
    "TW": "tw_vat",
    "US": "us_ein",
}


class TrytonSettings(ConnectionSettings):
    """`url` is the server's, without the database."""

    database: str = Field(min_length=1, pattern=r"^[A-Za-z0-9_.\-]+$")
    user: str = Field(min_length=1)
    password: SecretStr
    company: str = ""  # code of the company whose credit limit is the plain one; empty: the user's current company
    contact_relation: str = "Contact of"  # relation type from a contact person to the organisation; empty: no contacts
    key_prefix: str = Field(default="concordat:", min_length=1)  # of the identifiers that hold our keys
    language: str = "en"  # in which translatable names (payment terms) are told
    tax_types: Mapping[str, str] = _TAX_TYPES
    batch: int = Field(default=100, ge=1, le=1000)  # records in a write call
    page: int = Field(default=200, ge=1, le=1000)  # records in a read call
    # Tryton stamps a change when its transaction begins: what takes longer to commit shows up late.
    look_back: timedelta = timedelta(minutes=10)
