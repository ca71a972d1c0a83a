"""The kinds of a simulated shop as a world keeps them."""

from connectors.testing.metadata import FieldSpec, KindSpec

CUSTOMER, COMPANY = "Customer", "Company"
KEY_FIELD = "concordatKey"


def customer(*more: FieldSpec) -> KindSpec:
    """Addresses are a list of dicts by the names of an answer; `defaultAddressId` names one of them."""
    return KindSpec.of(
        CUSTOMER,
        FieldSpec("firstName", length=255, blank_is_null=True),
        FieldSpec("lastName", length=255, blank_is_null=True),
        FieldSpec("email", length=255, unique=True, blank_is_null=True),
        FieldSpec("phone", length=255, unique=True, blank_is_null=True),
        FieldSpec("note", length=5000, blank_is_null=True),
        FieldSpec("locale", default="en"),
        FieldSpec("tags", "list", default=[]),
        FieldSpec("taxExempt", "boolean", default=False),
        FieldSpec("addresses", "list", default=[]),
        FieldSpec("defaultAddressId", default=""),
        FieldSpec("metafields", "list", default=[]),
        FieldSpec("companies", "list", default=[]),
        FieldSpec(KEY_FIELD, unique=True),
        *more,
        key_field=KEY_FIELD,
        id_pattern="7{n:09d}",
    )


def company(*more: FieldSpec) -> KindSpec:
    """A company that buys (B2B), with its locations."""
    return KindSpec.of(
        COMPANY,
        FieldSpec("name", length=255, required=True),
        FieldSpec("note", length=5000, blank_is_null=True),
        FieldSpec("externalId", length=255, unique=True),
        FieldSpec("locations", "list", default=[]),
        *more,
        key_field="externalId",
        id_pattern="8{n:09d}",
    )


def standard_kinds() -> tuple[KindSpec, ...]:
    """What a simulated shop has unless told otherwise."""
    return customer(), company()
