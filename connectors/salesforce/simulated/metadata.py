"""The standard objects of a fresh org with our fields added, and how the system describes them."""

from collections.abc import Mapping
from typing import Any

from connectors.salesforce.ids import suffix
from connectors.testing.metadata import FieldSpec, KindSpec

KEY_FIELD = "Concordat_Key__c"
PREFIXES: Mapping[str, str] = {"Account": "001", "Contact": "003", "User": "005", "Task": "00T"}
MERGEABLE = frozenset({"Account", "Contact", "Lead"})
NEVER_DELETED = frozenset({"User"})
_SYSTEM_FIELDS: Mapping[str, str] = {
    "Id": "id",
    "IsDeleted": "boolean",
    "MasterRecordId": "reference",
    "CreatedDate": "datetime",
    "CreatedById": "reference",
    "LastModifiedDate": "datetime",
    "LastModifiedById": "reference",
    "SystemModstamp": "datetime",
}
_TYPES: Mapping[str, str] = {"text": "string", "integer": "int", "decimal": "currency", "choice": "picklist"}
_BY_NAME: Mapping[str, str] = {"Phone": "phone", "MobilePhone": "phone", "Email": "email", "Website": "url"}
_LONG_TEXT = 255


def id_pattern(prefix: str) -> str:
    """Ids of one kind: prefix, pod and a number, with the three letters that make them safe where case is lost."""
    return f"{prefix}5gX{{n:09d}}{suffix(prefix + '5gX' + '0' * 9)}"


def text(name: str, length: int, **more: Any) -> FieldSpec:
    """A text field: an empty text is stored as null, a longer one refused."""
    return FieldSpec(name, length=length, blank_is_null=True, **more)


def account(*more: FieldSpec, **options: Any) -> KindSpec:
    """Account as an org has it that works with us."""
    return KindSpec.of(
        "Account",
        text("Name", 255, required=True),
        text("AccountNumber", 40),
        FieldSpec("Type", "choice", choices=("Prospect", "Customer", "Partner", "Competitor", "Other")),
        FieldSpec("Industry", "choice", choices=("Chemicals", "Electronics", "Machinery", "Retail", "Other")),
        text("Phone", 40),
        text("Website", 255),
        *_address("Billing"),
        *_address("Shipping"),
        FieldSpec("ParentId", "reference", refers_to="Account"),
        FieldSpec("OwnerId", "reference", refers_to="User"),
        FieldSpec("AnnualRevenue", "decimal", scale=2),
        FieldSpec("NumberOfEmployees", "integer"),
        text("Description", 32000),
        *_ours(),
        text("Tax_Number__c", 40),
        text("Customer_Number__c", 40),
        FieldSpec("Customer_Status__c", "choice", choices=("Prospect", "Won", "Ordered", "Lost")),
        text("Terms__c", 40),
        text("Segment__c", 40),
        FieldSpec("Credit_Limit__c", "decimal", scale=2),
        *more,
        **{"key_field": KEY_FIELD, "active_field": "Active__c", "id_pattern": id_pattern("001"), **options},
    )


def contact(*more: FieldSpec, **options: Any) -> KindSpec:
    """Contact, likewise."""
    return KindSpec.of(
        "Contact",
        text("LastName", 80, required=True),
        text("FirstName", 40),
        text("Title", 128),
        text("Email", 80, saves=("lower",)),
        text("Phone", 40),
        text("MobilePhone", 40),
        *_address("Mailing"),
        FieldSpec("AccountId", "reference", refers_to="Account"),
        FieldSpec("OwnerId", "reference", refers_to="User"),
        text("Description", 32000),
        *_ours(),
        *more,
        **{"key_field": KEY_FIELD, "active_field": "Active__c", "id_pattern": id_pattern("003"), **options},
    )


def user(*more: FieldSpec, **options: Any) -> KindSpec:
    """User: never deleted, only deactivated; integrations read it."""
    return KindSpec.of(
        "User",
        text("Username", 80, required=True, unique=True),
        text("LastName", 80, required=True),
        text("FirstName", 40),
        text("Email", 128),
        text("EmployeeNumber", 20),
        FieldSpec("IsActive", "boolean", default=True),
        *more,
        **{"id_pattern": id_pattern("005"), **options},
    )


def standard_kinds() -> tuple[KindSpec, ...]:
    """What a simulated org has unless told otherwise."""
    return account(), contact(), user()


def _address(which: str) -> tuple[FieldSpec, ...]:
    lengths = {"Street": 255, "City": 40, "State": 80, "PostalCode": 20, "Country": 80}
    return tuple(text(f"{which}{part}", length) for part, length in lengths.items())


def _ours() -> tuple[FieldSpec, ...]:
    return text(KEY_FIELD, 255, unique=True), FieldSpec("Active__c", "boolean", default=True)


def system_fields(kind: str) -> dict[str, str]:
    """The fields every record of the kind has by itself, with their types."""
    missing = {"IsDeleted", "MasterRecordId"} if kind in NEVER_DELETED else set()
    if kind not in MERGEABLE:
        missing.add("MasterRecordId")
    return {name: type_ for name, type_ in _SYSTEM_FIELDS.items() if name not in missing}


def describe(spec: KindSpec) -> dict[str, Any]:
    """The answer of `/sobjects/{kind}/describe`, as far as integrations read it. A hidden field is not told at all."""
    own = [_own(name, type_) for name, type_ in system_fields(spec.name).items()]
    more = [_described(field, spec) for field in spec.fields.values() if field.visible]
    return {
        "name": spec.name,
        "label": spec.name,
        "keyPrefix": PREFIXES.get(spec.name),
        "custom": spec.name.endswith("__c"),
        "queryable": True,
        "createable": True,
        "updateable": True,
        "deletable": spec.name not in NEVER_DELETED,
        "mergeable": spec.name in MERGEABLE,
        "fields": own + more,
    }


def _own(name: str, type_: str) -> dict[str, Any]:
    field = FieldSpec(name, writable=False)
    return {**_described(field, None), "type": type_, "nillable": name == "MasterRecordId", "defaultedOnCreate": True}


def _described(field: FieldSpec, spec: KindSpec | None) -> dict[str, Any]:
    number = field.type in {"decimal", "integer"}
    return {
        "name": field.name,
        "label": field.name,
        "type": salesforce_type(field),
        "length": 0 if number else (field.length or (18 if field.type == "reference" else 0)),
        "precision": 18 if field.type == "decimal" else 0,
        "scale": field.scale or 0,
        "nillable": not field.required and field.type != "boolean",
        "defaultedOnCreate": field.default is not None or field.name == "OwnerId",
        "createable": field.writable,
        "updateable": field.writable,
        "unique": field.unique,
        "externalId": spec is not None and field.name == spec.key_field,
        "restrictedPicklist": field.choices is not None,
        "picklistValues": [{"value": one, "label": one, "active": True} for one in field.choices or ()],
        "referenceTo": [field.refers_to] if field.refers_to else [],
        "relationshipName": relationship(field.name) if field.refers_to else None,
        "calculated": False,
        "custom": field.name.endswith("__c"),
    }


def salesforce_type(field: FieldSpec) -> str:
    """The vendor's word for the type of a field."""
    if field.type == "text" and (field.length or 0) > _LONG_TEXT:
        return "textarea"
    return _BY_NAME.get(field.name) or _TYPES.get(field.type, field.type)


def relationship(name: str) -> str:
    """OwnerId is reached as Owner, Parent__c as Parent__r."""
    return name.removesuffix("__c") + "__r" if name.endswith("__c") else name.removesuffix("Id")
