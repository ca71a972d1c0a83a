"""The forms of a fresh data centre with our fields added, and what it knows besides them."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.kingdee.shape import CONTACT, CUSTOMER, EMPLOYEE
from connectors.testing.metadata import FieldSpec, KindSpec

KEY_FIELD = "F_CONCORDAT_KEY"
CREDIT = "CRE_CustArchives"
IDS: Mapping[str, str] = {CUSTOMER: "FCUSTID", CONTACT: "FCONTACTID", EMPLOYEE: "FID", CREDIT: "FID"}
_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
# Base data that is only referred to: form, then number and name.
LOOKUPS: Mapping[str, Mapping[str, str]] = {
    "ORG_Organizations": {"100": "总部", "200": "上海分公司"},
    "BD_Currency": {"PRE001": "人民币", "PRE003": "欧元", "PRE007": "美元"},
    "BD_RecCondition": {
        "SKTJ00": "货到收款",
        "SKTJ10": "10天",
        "SKTJ15": "15天",
        "SKTJ30": "30天",
        "SKTJ60": "60天",
        "SKTJYJ": "月结",
        "SKTJCYJ": "次月结",
        "SKTJ30YJ": "月结30天",
        "SKTJ60YJ": "月结60天",
    },
    "BD_Saler": {"S001": "张伟", "S002": "李娜"},
    "BOS_ASSISTANTDATA_SELECT": {code: code for code in _COUNTRIES.split()},
}
_TO_FORM: Mapping[str, str] = {
    "FCreateOrgId": "ORG_Organizations",
    "FUseOrgId": "ORG_Organizations",
    "FCreditOrgId": "ORG_Organizations",
    "FTRADINGCURRID": "BD_Currency",
    "FRECCONDITIONID": "BD_RecCondition",
    "FSELLER": "BD_Saler",
    "FCOUNTRY": "BOS_ASSISTANTDATA_SELECT",
    "FCompany": CUSTOMER,
    "FObjectId": CUSTOMER,
    "FContactId": CONTACT,
}
TITLES: Mapping[str, str] = {"FName": "名称", "FNumber": "编码", "FTRADINGCURRID": "结算币别", "FUseOrgId": "使用组织"}


def leads_to(field: str) -> str:
    """The form that a reference leads to; empty for what is no reference."""
    return _TO_FORM.get(field, "")


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table of a form; `flags` are yes and no."""

    name: str
    fields: tuple[str, ...]
    flags: tuple[str, ...] = ()


TABLES: Mapping[str, tuple[TableSpec, ...]] = {
    CUSTOMER: (
        TableSpec(
            "FT_BD_CUSTCONTACT",
            (
                "FNUMBER1",
                "FNAME1",
                "FADDRESS1",
                "FRECEIVER",
                "FMOBILE",
                "F_CONCORDAT_ZIP1",
                "F_CONCORDAT_CITY1",
                "F_CONCORDAT_REGION1",
                "F_CONCORDAT_COUNTRY1",
                "FIsDefaultConsignee",
                "FIsUsed",
            ),
            ("FIsDefaultConsignee", "FIsUsed"),
        ),
        TableSpec("FT_BD_CUSTLOCATION", ("FContactId",)),
    )
}


def table_of(form: str, name: str) -> TableSpec | None:
    """A table of a form, by its name."""
    return next((table for table in TABLES.get(form, ()) if table.name == name), None)


def text(name: str, length: int = 255, **more: object) -> FieldSpec:
    """A text field; a longer text is refused."""
    return FieldSpec(name, length=length, default="", **more)  # type: ignore[arg-type] # options of FieldSpec


def _states() -> tuple[FieldSpec, ...]:
    return (
        FieldSpec("FDocumentStatus", "choice", choices=("Z", "A", "B", "C", "D"), default="C"),
        FieldSpec("FForbidStatus", "choice", choices=("A", "B"), default="A"),
        FieldSpec("FApproveDate"),
        FieldSpec("FForbidDate"),
    )


def customer(*more: FieldSpec, **options: object) -> KindSpec:
    """BD_Customer. A number is unique within its organisation only, so that is for the Save to look after."""
    return KindSpec.of(
        CUSTOMER,
        FieldSpec("FNumber", length=30, issues="CUST{n:04d}"),
        text("FName", required=True),
        text("FShortName"),
        FieldSpec("FCreateOrgId", required=True, default="100"),
        FieldSpec("FUseOrgId", required=True, default="100"),
        FieldSpec("FTRADINGCURRID", required=True, default="PRE001"),
        *(text(name) for name in ("FTEL", "FADDRESS", "FZIP", "FWEBSITE", "FINVOICETITLE", "FTAXREGISTERCODE")),
        *(text(name) for name in ("FCOUNTRY", "F_CONCORDAT_CITY", "F_CONCORDAT_REGION", "FINVOICEADDRESS")),
        FieldSpec("FRECCONDITIONID", default=""),
        FieldSpec("FSELLER", default=""),
        text(KEY_FIELD, 80),
        *(FieldSpec(table.name, "list", default=[]) for table in TABLES[CUSTOMER]),
        *_states(),
        *more,
        **{"key_field": KEY_FIELD, "id_pattern": "1{n:05d}", **options},
    )


def contact(*more: FieldSpec, **options: object) -> KindSpec:
    """BD_CommonContact."""
    return KindSpec.of(
        CONTACT,
        FieldSpec("FNumber", length=30, issues="CXR{n:06d}"),
        text("FName", required=True),
        *(text(name) for name in ("FMobile", "FTel", "FEmail", "FPost", "FBizAddress", "FCompanyType")),
        *(text(f"F_CONCORDAT_{name}") for name in ("CITY", "ZIP", "REGION", "COUNTRY")),
        FieldSpec("FCompany", default=""),
        text(KEY_FIELD, 80),
        *_states(),
        *more,
        **{"key_field": KEY_FIELD, "id_pattern": "2{n:05d}", **options},
    )


def employee(*more: FieldSpec, **options: object) -> KindSpec:
    """BD_Empinfo."""
    return KindSpec.of(
        EMPLOYEE,
        FieldSpec("FNumber", length=30, issues="E{n:04d}"),
        text("FName", required=True),
        text("FEmail"),
        text("FMobile"),
        *_states(),
        *more,
        **{"id_pattern": "3{n:05d}", **options},
    )


def credit(*more: FieldSpec, **options: object) -> KindSpec:
    """The credit archive, flat: one record for a customer and an organisation."""
    return KindSpec.of(
        CREDIT,
        FieldSpec("FObjectId", required=True),
        FieldSpec("FCreditOrgId", required=True),
        FieldSpec("FCreditAmount", "decimal", scale=10, default=0),
        *_states(),
        *more,
        **{"id_pattern": "4{n:05d}", "sought": frozenset({"FObjectId"}), **options},
    )


def standard_kinds() -> tuple[KindSpec, ...]:
    """What a simulated data centre has unless told otherwise."""
    return customer(), contact(), employee(), credit()
