"""The codecs that come with the house, by the name a line calls them."""

from collections.abc import Mapping

from mappings.codec import Codec
from mappings.codecs_codes import Choice, Code, Reference
from mappings.codecs_ids import Phone, TaxId
from mappings.codecs_numbers import DecimalNumber, Money, YesNo
from mappings.codecs_persons import PersonName
from mappings.codecs_places import Country, Currency
from mappings.codecs_regions import Region
from mappings.codecs_text import Domain, Email, Text
from mappings.codecs_time import Date, Instant

# Raised whenever a codec comes to spell a value otherwise: claims and baselines are then read anew before any plan.
VERSION = 3

CODECS: Mapping[str, Codec] = {
    "text": Text(),
    "person_name": PersonName(),
    "tax_id": TaxId(),
    "phone": Phone(),
    "email": Email(),
    "domain": Domain(),
    "country": Country(),
    "region": Region(),
    "currency": Currency(),
    "money": Money(),
    "decimal": DecimalNumber(),
    "date": Date(),
    "datetime": Instant(),
    "choice": Choice(),
    "code": Code(),
    "yes_no": YesNo(),
    "reference": Reference(),
}
# Two more ways to read are shapes of several values, not codecs: `address` of parts, `list` of records.
SHAPES = ("address", "list")
# The canonical form of each type of field in fields.yaml is the one its codec of the same name gives.
TYPES = (*CODECS, *SHAPES)
ADDRESS_PARTS = ("street", "city", "postal_code", "region", "country")
PART_TYPES: Mapping[str, str] = {"country": "country", "region": "region"}  # the other parts are texts
