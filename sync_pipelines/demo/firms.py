"""300 believable firms and the people in them, always the same: who is known where, and what is spelled differently."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sync_pipelines.demo.numbers import tax_number

FIRMS = 300
_COUNTRIES = ("DE", "CN", "US", "DE", "CN", "GB", "FR", "CN", "NL", "US")
_CITIES = {  # city, postal code, area code, street
    "DE": (
        ("Hamburg", "20095", "40", "Speicherstraße"),
        ("Stuttgart", "70173", "711", "Werkstraße"),
        ("Leipzig", "04109", "341", "Messeallee"),
        ("Köln", "50667", "221", "Am Rheinauhafen"),
    ),
    "CN": (
        ("上海", "200040", "21", "南京西路"),
        ("宁波", "315000", "574", "中山东路"),
        ("深圳", "518000", "755", "深南大道"),
        ("苏州", "215000", "512", "人民路"),
        ("青岛", "266000", "532", "香港中路"),
    ),
    "US": (
        ("Chicago", "60601", "312", "W Lake Street"),
        ("Austin", "78701", "512", "Congress Avenue"),
        ("Denver", "80202", "303", "Blake Street"),
        ("Seattle", "98101", "206", "Pike Street"),
    ),
    "GB": (("Leeds", "LS1 4DY", "113", "Wellington Street"), ("Bristol", "BS1 5TR", "117", "Anchor Road")),
    "FR": (("Lyon", "69003", "4", "rue de la Part-Dieu"), ("Lille", "59000", "3", "rue Nationale")),
    "NL": (("Utrecht", "3511 AX", "30", "Catharijnesingel"), ("Rotterdam", "3011 AA", "10", "Blaak")),
}
_CALLING = {"DE": "49", "CN": "86", "US": "1", "GB": "44", "FR": "33", "NL": "31"}
_SURNAMES = (
    "Hansen", "Bauer", "Okafor", "Whitfield", "Lindqvist", "Moreau", "Visser", "Keller", "Sandoval", "Brandt",
    "Ashworth", "Girard", "de Groot", "Falk", "Novak", "Pembroke", "Lefèvre", "Yilmaz", "Carver", "Steiner",
    "Dubois", "Marlowe", "Petersen", "Kowalski", "Hartley", "Jansen", "Reuter", "Castellano", "Voss", "Thornton",
)  # fmt: skip
_FIRST = ("Anna", "Ben", "Clara", "David", "Eva", "Frank", "Grace", "Henri", "Ida", "Jonas", "Karen", "Luis")
_TRADES = {  # what they do, and the legal form
    "DE": (("Maschinenbau", "GmbH"), ("Antriebstechnik", "GmbH & Co. KG"), ("Medizintechnik", "AG"),
           ("Lebensmittel", "GmbH"), ("Verpackungen", "KG")),
    "US": (("Tooling", "Inc."), ("Controls", "LLC"), ("Packaging", "Corp."), ("Robotics", "Inc.")),
    "GB": (("Instruments", "Ltd"), ("Textiles", "PLC"), ("Fasteners", "Ltd")),
    "FR": (("Mécanique", "SAS"), ("Composants", "SARL"), ("Emballages", "SA")),
    "NL": (("Techniek", "B.V."), ("Logistiek", "B.V."), ("Kunststoffen", "N.V.")),
}  # fmt: skip
_BRANDS = (
    ("永泰", "yongtai"), ("华信", "huaxin"), ("东方", "dongfang"), ("恒达", "hengda"), ("金龙", "jinlong"),
    ("天合", "tianhe"), ("瑞丰", "ruifeng"), ("长城", "changcheng"), ("海纳", "haina"), ("明德", "mingde"),
)  # fmt: skip
_CHINESE_TRADES = (
    ("机械", "machinery"), ("电子科技", "electronics"), ("纺织", "textile"), ("医疗器械", "medical"),
    ("包装材料", "packaging"), ("进出口贸易", "trading"), ("新材料", "materials"), ("自动化设备", "automation"),
    ("食品", "foods"), ("光电", "optics"),
)  # fmt: skip
_PINYIN = {"上海": "shanghai", "宁波": "ningbo", "深圳": "shenzhen", "苏州": "suzhou", "青岛": "qingdao"}
_CHINESE_PEOPLE = (("伟", "王"), ("丽", "李"), ("敏", "张"), ("强", "刘"), ("静", "陈"), ("洋", "杨"), ("艳", "赵"))
_TERMS = ("net30", "net30", "net60", "net10", "eom")
_SEGMENTS = ("Industry", "Key account", "Trade", "Public")
_TITLES = ("Purchasing", "Managing director", "Accounts payable", "Plant manager")

BOTH, CRM, ERP = "both", "crm", "erp"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom one writes to."""

    first: str
    last: str
    email: str
    title: str
    mobile: str
    country: str

    @property
    def name(self) -> str:
        """As one line, in the order of the country."""
        return f"{self.last}{self.first}" if self.country == "CN" else f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm in the world. What each system knows of it follows from `where`, `known_by` and `status`."""

    number: int
    name: str
    country: str
    tax_id: str
    street: str
    city: str
    postal_code: str
    phone: str  # +49 40 …
    website: str
    where: str  # both | crm | erp
    known_by: str  # both: what links them: tax_id | website | name (a person is asked)
    status: str  # in the CRM: Won | Ordered | Prospect | Lost
    kind: str  # in the CRM: Customer | Prospect | Partner | Competitor
    terms: str
    credit_limit: str
    segment: str
    contact: Person | None

    @property
    def crm_name(self) -> str:
        """Salespeople shout, or leave the legal form to others; a fifth of them."""
        if self.country == "CN" or self.known_by != "tax_id" or self.number % 5:
            return self.name
        return self.name.upper()

    @property
    def crm_phone(self) -> str:
        """The same number as people write it."""
        return self.phone.replace(" ", "-") if self.number % 3 == 0 else self.phone


def firms() -> Sequence[Firm]:
    """All of them, in a fixed order."""
    return tuple(_all())


def _all() -> Iterator[Firm]:
    taken: set[str] = set()
    for number in range(FIRMS):
        firm = _firm(number, taken)
        taken.add(firm.name)
        yield firm


def _firm(n: int, taken: set[str]) -> Firm:
    country = _COUNTRIES[n % len(_COUNTRIES)]
    city, postal_code, area, street = _CITIES[country][n // 3 % len(_CITIES[country])]
    name, site = _name(n, country, city, taken)
    where, known_by = _where(n)
    kind, status = _stage(n, where)
    return Firm(
        number=n,
        name=name,
        country=country,
        tax_id=tax_number(country, n),
        street=f"{street}{n % 180 + 1}号" if country == "CN" else f"{street} {n % 180 + 1}",
        city=city,
        postal_code=postal_code,
        phone=_phone(country, area, n),
        website=f"{site}.example",
        where=where,
        known_by=known_by,
        status=status,
        kind=kind,
        terms=_TERMS[n % len(_TERMS)],
        credit_limit=f"{(n % 40 + 1) * 2500}.00",
        segment=_SEGMENTS[n % len(_SEGMENTS)],
        contact=_person(n, country, f"{site}.example") if n % 5 in (0, 1, 3) else None,
    )


def _name(n: int, country: str, city: str, taken: set[str]) -> tuple[str, str]:
    for turn in range(FIRMS):
        name, site = _chinese(n + turn, city) if country == "CN" else _western(n + turn, country)
        if name not in taken:
            return name, site
    raise ValueError(n)


def _chinese(n: int, city: str) -> tuple[str, str]:
    (brand, spelled), (trade, means) = _BRANDS[n % 10], _CHINESE_TRADES[(n // 10 + n) % 10]
    return f"{city}{brand}{trade}有限公司", f"{_PINYIN[city]}-{spelled}-{means}"


def _western(n: int, country: str) -> tuple[str, str]:
    surname, trades = _SURNAMES[n * 7 % len(_SURNAMES)], _TRADES[country]
    trade, form = trades[(n // len(_SURNAMES) + n) % len(trades)]
    return f"{surname} {trade} {form}", f"{_plain(surname)}-{_plain(trade)}-{country.lower()}"


def _plain(word: str) -> str:
    return word.lower().replace(" ", "").replace("è", "e").replace("é", "e").replace("ü", "ue")


def _where(n: int) -> tuple[str, str]:
    """130 on both sides, 95 in the CRM only, 75 in the ERP only; evenly mixed."""
    place = n * 133 % FIRMS
    if place < 130:  # noqa: PLR2004 - see above
        return BOTH, "name" if place >= 124 else "website" if place >= 112 else "tax_id"  # noqa: PLR2004 - 112, 12 and 6
    return (CRM, "") if place < 225 else (ERP, "")  # noqa: PLR2004 - see above


def _stage(n: int, where: str) -> tuple[str, str]:
    if where == BOTH:
        return "Customer", "Ordered" if n % 2 else "Won"
    return (("Customer", "Won"), ("Prospect", "Prospect"), ("Customer", "Ordered"), ("Partner", "Lost"))[n % 4]


def _phone(country: str, area: str, n: int) -> str:
    local = {
        "DE": f"{area} 555{n:04d}",
        "CN": f"{area} 6{2000000 + n * 37:07d}",
        "US": f"{area} 555 0{100 + n % 100:03d}" if n % 2 else f"{area} 447 {2000 + n:04d}",
        "GB": f"{area} 496 0{n % 1000:03d}",
        "FR": f"{area} 99 00 {n // 100:02d} {n % 100:02d}",
        "NL": f"{area} 700 {2000 + n:04d}",
    }[country]
    return f"+{_CALLING[country]} {local}"


def _person(n: int, country: str, domain: str) -> Person:
    first, last = _CHINESE_PEOPLE[n % 7] if country == "CN" else (_FIRST[n % 12], _SURNAMES[(n * 11 + 4) % 30])
    mail = f"buyer{n}" if country == "CN" else f"{_plain(first)}.{_plain(last)}"
    mobiles = {"DE": "151 2345{n:04d}", "CN": "138 1234 {n:04d}", "US": "917 447 {n:04d}", "GB": "7400 12{n:04d}"}
    mobile = mobiles.get(country, "").format(n=n if country != "US" else 2000 + n)
    return Person(
        first, last, f"{mail}@{domain}", _TITLES[n % 4], f"+{_CALLING[country]} {mobile}" if mobile else "", country
    )
