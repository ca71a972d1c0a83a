"""What Western firms, streets and people are called. The order of these lists is part of what a seed means."""

from collections.abc import Mapping
from dataclasses import dataclass

SURNAMES = (
    "Hansen", "Bauer", "Okafor", "Whitfield", "Lindqvist", "Moreau", "Visser", "Keller", "Sandoval", "Brandt",
    "Ashworth", "Girard", "de Groot", "Falk", "Novak", "Pembroke", "Lefèvre", "Yilmaz", "Carver", "Steiner",
    "Dubois", "Marlowe", "Petersen", "Kowalski", "Hartley", "Jansen", "Reuter", "Castellano", "Voss", "Thornton",
    "Müller", "Schröder", "Weiß", "Jäger", "Köhler", "Großmann", "Bérenger", "Núñez", "Ångström", "Sørensen",
    "O'Neill", "McAllister", "van der Berg", "Fairchild", "Holloway", "Ritter", "Zimmermann", "Albrecht", "Rousseau",
    "Lambert", "Baptiste", "Ferreira", "Maddox", "Ellsworth", "Underhill", "Wójcik", "Demir", "Haugen", "Vermeer",
    "Bakker", "Cromwell", "Delacroix", "Engström", "Friedrich",
)  # fmt: skip
FIRST_NAMES = (
    "Anna", "Ben", "Clara", "David", "Eva", "Frank", "Grace", "Henri", "Ida", "Jonas", "Karen", "Luis", "Marie",
    "Niklas", "Olivia", "Paul", "René", "Sophie", "Thomas", "Ursula", "Victor", "Wanda", "Yasmin", "Zoë", "Jürgen",
)  # fmt: skip
COINED = tuple(
    first + second
    for first in ("Nord", "Alpen", "Rhein", "Silver", "Blue", "Terra", "Vita", "Opti", "Euro", "Inter", "Prime", "Sol",
                  "Nova", "Delta", "Omni", "Stern", "Hansa", "Mono", "Poly", "Aero", "Hydro", "Luma", "Kern", "Wald")
    for second in ("werk", "tec", "flex", "line", "plan", "form", "data", "cell", "port", "lux", "via", "max", "gate",
                   "bond", "tron", "mark", "stone", "wave", "field", "pack", "cast", "grip", "mill", "dyne")
)  # fmt: skip

AND = {"DE": "und", "US": "and", "GB": "and", "FR": "et", "NL": "en"}


@dataclass(frozen=True, slots=True)
class Place:
    """A city, with what its addresses and phone numbers begin with."""

    city: str
    postal_code: str
    area: str
    street: str
    region: str = ""


PLACES: Mapping[str, tuple[Place, ...]] = {
    "DE": (
        Place("Hamburg", "20095", "40", "Speicherstraße"), Place("Stuttgart", "70173", "711", "Werkstraße"),
        Place("Leipzig", "04109", "341", "Messeallee"), Place("Köln", "50667", "221", "Am Rheinauhafen"),
        Place("München", "80331", "89", "Lindwurmstraße"), Place("Nürnberg", "90402", "911", "Königstraße"),
    ),
    "US": (
        Place("Chicago", "60601", "312", "West Lake Street", "Illinois"),
        Place("Austin", "78701", "512", "Congress Avenue", "Texas"),
        Place("Denver", "80202", "303", "Blake Street", "Colorado"),
        Place("Seattle", "98101", "206", "Pike Street", "Washington"),
        Place("Boston", "02110", "617", "Atlantic Avenue", "Massachusetts"),
    ),
    "GB": (
        Place("Leeds", "LS1 4DY", "113", "Wellington Street"), Place("Bristol", "BS1 5TR", "117", "Anchor Road"),
        Place("Sheffield", "S1 2GU", "114", "Arundel Street"), Place("Leicester", "LE1 6RN", "116", "Belgrave Gate"),
    ),
    "FR": (
        Place("Lyon", "69003", "4", "rue de la Part-Dieu"), Place("Lille", "59000", "3", "rue Nationale"),
        Place("Nantes", "44000", "2", "quai de la Fosse"), Place("Toulouse", "31000", "5", "avenue de l'Hers"),
    ),
    "NL": (
        Place("Utrecht", "3511 AX", "30", "Catharijnesingel"), Place("Rotterdam", "3011 AA", "10", "Blaak"),
        Place("Eindhoven", "5611 AZ", "40", "Stationsplein"), Place("Groningen", "9711 LM", "50", "Herestraat"),
    ),
}  # fmt: skip
TRADES: Mapping[str, tuple[str, ...]] = {
    "DE": ("Maschinenbau", "Antriebstechnik", "Medizintechnik", "Lebensmittel", "Verpackungen", "Präzisionswerkzeuge",
           "Gebäudetechnik", "Logistik", "Textilien", "Oberflächentechnik", "Messtechnik", "Kunststoffe"),
    "US": ("Tooling", "Controls", "Packaging", "Robotics", "Fasteners", "Optics", "Foods", "Logistics", "Plastics",
           "Instruments", "Medical", "Textiles"),
    "GB": ("Instruments", "Textiles", "Fasteners", "Castings", "Foods", "Joinery", "Coatings", "Controls", "Optics",
           "Haulage", "Packaging", "Ceramics"),
    "FR": ("Mécanique", "Composants", "Emballages", "Optique", "Textiles", "Logistique", "Plastiques", "Énergie",
           "Fonderie", "Outillage", "Médical", "Céramique"),
    "NL": ("Techniek", "Logistiek", "Kunststoffen", "Verpakkingen", "Machinebouw", "Textiel", "Optiek", "Voeding",
           "Bouw", "Koeltechniek", "Meetsystemen", "Gereedschap"),
}  # fmt: skip
FORMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {  # a legal form, and how else it is written
    "DE": {
        "GmbH": ("G.m.b.H.", "Gesellschaft mit beschränkter Haftung", "Gmbh"),
        "GmbH & Co. KG": ("GmbH & Co KG", "GmbH und Co. KG", "Gesellschaft mbH & Co. KG"),
        "AG": ("A.G.", "Aktiengesellschaft"),
        "KG": ("K.G.", "Kommanditgesellschaft"),
    },
    "US": {
        "Inc.": ("Inc", "Incorporated", ", Inc."),
        "LLC": ("L.L.C.", "Limited Liability Company", ", LLC"),
        "Corp.": ("Corp", "Corporation"),
    },
    "GB": {"Ltd": ("Ltd.", "Limited"), "PLC": ("plc", "Public Limited Company"), "LLP": ("L.L.P.",)},
    "FR": {
        "SAS": ("S.A.S.", "Société par actions simplifiée"),
        "SARL": ("S.A.R.L.", "Société à responsabilité limitée"),
        "SA": ("S.A.", "Société anonyme"),
    },
    "NL": {"B.V.": ("BV", "Besloten Vennootschap"), "N.V.": ("NV", "Naamloze Vennootschap"), "V.O.F.": ("VOF",)},
    "CN": {
        "有限公司": ("有限责任公司", "(有限公司)"),
        "股份有限公司": ("股份公司",),
        "有限责任公司": ("有限公司",),
    },
}
HOLDING: Mapping[str, str] = {
    "DE": "Holding", "US": "Holdings", "GB": "Holdings", "FR": "Participations", "NL": "Beheer", "CN": "控股集团",
}  # fmt: skip
BRANCH: Mapping[str, str] = {
    "DE": "Niederlassung", "US": "Branch", "GB": "Branch", "FR": "Agence", "NL": "Vestiging", "CN": "分公司",
}  # fmt: skip
STREETS: tuple[tuple[str, str], ...] = (  # as it is, and as people write it
    ("straße", "str."), ("Street", "St"), ("Avenue", "Ave"), ("avenue", "av."), ("Road", "Rd"), ("plein", "pln."),
    ("West ", "W "),
)  # fmt: skip
FREE_MAIL: Mapping[str, tuple[str, ...]] = {
    "DE": ("gmx.de", "web.de", "gmail.com"), "US": ("gmail.com", "outlook.com", "yahoo.com"),
    "GB": ("gmail.com", "hotmail.com", "icloud.com"), "FR": ("gmail.com", "outlook.com"),
    "NL": ("gmail.com", "hotmail.com"), "CN": ("qq.com", "163.com", "126.com", "sina.com"),
}  # fmt: skip
TITLES = ("Purchasing", "Managing director", "Accounts payable", "Plant manager", "Head of logistics")
SEGMENTS = ("Industry", "Key account", "Trade", "Public")
TERMS = ("net30", "net30", "net60", "net10", "eom")
