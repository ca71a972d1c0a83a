"""Which column of a table holds what: told by its heading, and by what stands in it."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from mappings.matching import Scoring, Weighed
from mappings.values import Value
from sync_pipelines.identity.folding import fold, words

# What a column may hold → the field under which it is compared, and its kind. Parts of addresses and of persons' names
# are put together.
ROLES = (
    "id", "name", "person", "given_name", "surname", "street", "number", "city", "region", "postal_code", "country",
    "phone", "email", "website", "tax_id", "reference", "date", "text", "ignore",
)  # fmt: skip

_HEADINGS: Mapping[str, str] = {
    "id": "id recid recordid rowid uid key pk 编号 序号",
    "name": (
        "name companyname company firm firma organisation organization account accountname customername customer "
        "businessname legalname tradename sitename title nom raisonsociale denominazione razonsocial nombre "
        "empresa naam bedrijfsnaam nazwa partyname firmname unternehmen kundenname orgname business supplier "
        "vendor merchant site 公司名称 客户名称 企业名称 公司 名称 客户 单位名称 客户名 公司名 企业 供应商 "
        "供应商名称 全称 客户全称 简称 客户简称 單位名稱 公司名稱 客戶名稱"
    ),
    "person": "fullname personname contactname contact person ansprechpartner contacto 联系人 姓名 联系人姓名",
    "given_name": "givenname firstname forename vorname prenom fname first nombrepila 名",
    "surname": "surname lastname familyname nachname nomdefamille lname last apellido apellidos 姓",
    "street": (
        "address addr street address1 addr1 addressline1 streetaddress strasse strassehausnummer adresse rue "
        "calle indirizzo adres billingstreet billingaddress addressline streetname line1 anschrift 地址 详细地址 "
        "公司地址 街道 通讯地址 注册地址 联系地址 地址1"
    ),
    "number": "streetnumber housenumber hausnummer houseno streetno number streetnr hausnr numero",
    "city": (
        "city town ort stadt suburb locality ville ciudad citta plaats miasto billingcity municipality 城市 市 所在城市"
    ),
    "region": (
        "state region province county bundesland billingstate statecode 省 省份 地区 neighborhood neighbourhood "
        "district"
    ),
    "postal_code": (
        "postcode zip zipcode postalcode plz postleitzahl codepostal cp cap kodpocztowy billingpostalcode "
        "zippostal codigopostal 邮编 邮政编码"
    ),
    "country": "country countrycode land pays pais paese kraj nation billingcountry iso2 国家 国别",
    "phone": (
        "phone telephone tel phonenumber telefon fon mobile cell cellphone handy telefono telefoon fax phone1 "
        "phone2 phonehome phonework telefax mobil mobilephone telephonenumber tel1 telnumber 电话 手机 联系电话 "
        "手机号 电话号码 传真 座机 固定电话"
    ),
    "email": (
        "email mail emailaddress mailadresse emailadresse courriel correo correoelectronico e 邮箱 电子邮箱 "
        "电子邮件 邮件"
    ),
    "website": (
        "website web url homepage site internet domain webseite www webaddress weburl siteweb 网址 网站 官网 公司网址"
    ),
    "tax_id": (
        "taxid vat vatid vatnumber ustid ustidnr uid taxnumber ein tin nip siret siren cif nif piva partitaiva "
        "steuernummer abn gst gstin vatregistration vatno taxno taxcode cnpj rfc uscc creditcode 统一社会信用代码 "
        "税号 纳税人识别号 信用代码 社会信用代码 税务登记号 统一信用代码 统一代码 纳税识别号"
    ),
    "reference": (
        "socsecid ssn registrationnumber companynumber regno duns dunsnumber lei crn handelsregister hrb siren "
        "customernumber passport idnumber nationalid isbn gtin ean upc sku krs regon 注册号 身份证号"
    ),
    "date": (
        "dateofbirth dob birthdate birthday born geburtsdatum founded incorporationdate foundingdate 出生日期 成立日期"
    ),
}
_BY_HEADING = {heading: role for role, some in reversed(tuple(_HEADINGS.items())) for heading in some.split()}
_ID_ENDS = ("id", "guid", "uuid", "code", "编号", "编码", "代码", "序号", "主键")  # 客户ID, CustomerID, partner_code
_SEVERAL = frozenset({"phone", "email"})
_PLAIN = ("name", "person", "email", "website", "tax_id", "reference", "date")
_PARTS = ("street", "number", "city", "region", "postal_code", "country")
_FIELDS = {
    "name": "company", "person": "person", "address": "address", "phone": "phone", "email": "email", "website": "site",
    "tax_id": "tax_id", "reference": "number", "date": "date",
}  # fmt: skip
_FROM = {
    "person": {"person", "given_name", "surname"}, "address": set(_PARTS), "website": {"website", "email"},
}  # fmt: skip
_MOSTLY = 0.6


class UnknownColumnError(ValueError):
    """A column or a role that is not there, in a sentence for the user."""


def detected(headings: Sequence[str], samples: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Heading → role. Of several columns that could hold the ids of rows the first does."""
    found = {heading: _BY_HEADING.get(_folded(heading), "") for heading in headings}
    taken = set(found.values())
    for heading in headings:
        found[heading] = found[heading] or _by_tail(heading, taken)
    first = next((heading for heading in headings if _is_id(heading, found[heading], samples.get(heading, ()))), "")
    if not first and headings and _is_like_an_id(found[headings[0]], samples.get(headings[0], ())):
        first = headings[0]
    for heading in headings:
        if heading == first:
            found[heading] = "id"
        elif found[heading] in {"", "id"}:
            found[heading] = _by_content([value for value in samples.get(heading, ()) if value.strip()])
    return found


def _folded(heading: str) -> str:
    return "".join(words(fold(heading).replace("_", " ")))


def _by_tail(heading: str, taken: set[str]) -> str:
    """`billing city` is a city, `main_phone` a phone: as long as no column is called so outright."""
    parts = words(fold(heading).replace("_", " "))
    cut = ["".join(parts[start:]) for start in range(1, len(parts))] + ["".join(parts[:-1])] if len(parts) > 1 else []
    roles = [_BY_HEADING[some] for some in cut if some in _BY_HEADING]
    return next((role for role in roles if role not in taken or role in _SEVERAL), "")


def _is_id(heading: str, role: str, values: Sequence[str]) -> bool:
    named = role == "id" or (not role and _folded(heading).endswith(_ID_ENDS))
    return named and _sets_apart(values)


def _sets_apart(values: Sequence[str]) -> bool:
    return bool(values) and len(set(values)) == len(values) and all(value.strip() for value in values)


def _is_like_an_id(role: str, values: Sequence[str]) -> bool:
    """A first column that is called something else, and has one word in each row that no other row has."""
    return not role and _sets_apart(values) and all(len(value.split()) == 1 and "@" not in value for value in values)


def _by_content(values: Sequence[str]) -> str:
    """What unnamed columns hold: addresses of mail and web say so themselves."""
    if not values:
        return "ignore"
    if _mostly(values, lambda value: "@" in value and "." in value and " " not in value.strip()):
        return "email"
    if _mostly(values, lambda value: value.lower().startswith(("http://", "https://", "www."))):
        return "website"
    return "text"


def _mostly(values: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return sum(1 for value in values if holds(value)) > _MOSTLY * len(values)


Cells = Sequence[str]


def reader(
    headings: Sequence[str], roles: Mapping[str, str], shared: frozenset[str]
) -> Callable[[Cells], dict[str, Value]]:
    """How a row becomes values. `shared`: headings of free text that both tables have; others cannot be compared."""
    at: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        at.setdefault(roles[heading], []).append(place)
    plain = [(role, at[role]) for role in _PLAIN if role in at]
    parts = [(part, at[part]) for part in _PARTS if part in at]
    names = [at.get("given_name", []), at.get("surname", [])]
    texts = [(f"text:{_folded(headings[place])}", place) for place in at.get("text", ())]
    texts = [(name, place) for name, place in texts if name.removeprefix("text:") in shared]
    phones = at.get("phone", [])

    def read(cells: Cells) -> dict[str, Value]:
        values: dict[str, Value] = {role: _first(cells, places) for role, places in plain}
        if phones:
            values["phone"] = _joined(cells, phones, " / ")
        if names[0] or names[1]:
            values["person"] = " ".join([_first(cells, names[0]), _first(cells, names[1])]).strip()
        if parts:
            values["address"] = {part: _joined(cells, places, " ") for part, places in parts}
        for name, place in texts:
            values[name] = cells[place].strip()
        return values

    return read


def _first(cells: Cells, places: Sequence[int]) -> str:
    """What the first column says that says anything."""
    for place in places:
        if value := cells[place].strip():
            return value
    return ""


def _joined(cells: Cells, places: Sequence[int], between: str) -> str:
    if len(places) == 1:
        return cells[places[0]].strip()
    return between.join(value for place in places if (value := cells[place].strip()))


def scoring_of(roles: Iterable[Mapping[str, str]], shared: frozenset[str]) -> Scoring:
    """Every field that the columns make up, with the weights of its kind."""
    there = {role for some in roles for role in some.values()}
    fields = {name: Weighed(kind) for name, kind in _FIELDS.items() if there & _FROM.get(name, {name})}
    return Scoring(fields | {f"text:{heading}": Weighed("text") for heading in sorted(shared)})


def shared_texts(left: Mapping[str, str], right: Mapping[str, str]) -> frozenset[str]:
    """The free texts that both tables have, by their folded headings."""
    mine, yours = ({_folded(heading) for heading, role in roles.items() if role == "text"} for roles in (left, right))
    return frozenset(mine & yours)


def renamed(headings: Sequence[str], told: Sequence[tuple[str, str]], found: Mapping[str, str]) -> dict[str, str]:
    """What the user said (role, heading) over what was detected. Raises UnknownColumnError."""
    result = dict(found)
    for role, heading in told:
        if role not in ROLES:
            raise UnknownColumnError(f"`{role}` is nothing that a column can hold; one of {', '.join(ROLES)}")
        if heading in headings:
            if role == "id":
                result = {name: "text" if said == "id" else said for name, said in result.items()}
            result[heading] = role
    return result


def missing(told: Iterable[tuple[str, str]], *tables: Sequence[str]) -> list[str]:
    """Headings that the user named and no table has."""
    return [heading for _, heading in told if not any(heading in headings for headings in tables)]
