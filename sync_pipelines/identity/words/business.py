"""Words that many firms bear: they say little of which firm it is. With the Latin abbreviations of common words."""

STOP = frozenset(
    {
        "the", "a", "an", "of", "and", "und", "et", "y", "e", "en", "for", "de", "der", "die", "das", "des", "du", "la",
        "le", "les", "el", "los", "las", "di", "da", "do", "dos", "van", "von", "vom", "zu", "zum", "i", "og", "och",
        "ja", "fur", "fuer", "pour", "para", "per", "with", "at", "in", "on", "s",
    }
)  # fmt: skip

COMMON = frozenset(
    {
        "group", "gruppe", "groupe", "grupo", "gruppo", "groep", "grupa", "holding", "holdings", "international",
        "intl", "global", "worldwide", "enterprise", "enterprises", "entreprise", "industries", "industry",
        "industrial", "industrie", "industria", "industrias", "services", "service", "servicios", "servizi",
        "solutions", "solution", "systems", "system", "systeme", "sistemas", "technology", "technologies", "tech",
        "technik", "technologie", "tecnologia", "technika", "teknik", "consulting", "consultants", "consultancy",
        "beratung", "conseil", "trading", "trade", "handel", "handels", "commerce", "commercial", "comercial",
        "import", "export", "logistics", "logistik", "logistique", "logistica", "transport", "transports",
        "transportes", "spedition", "management", "partners", "partner", "associates", "investment", "investments",
        "capital", "finance", "financial", "bank", "insurance", "real", "estate", "immobilien", "construction",
        "bau", "engineering", "ingenieria", "maschinenbau", "machinery", "electronics", "elektronik", "electronic",
        "electric", "electrical", "elektro", "energy", "energie", "energia", "power", "chemical", "chemicals",
        "chemie", "pharma", "pharmaceutical", "pharmaceuticals", "medical", "health", "healthcare", "foods", "food",
        "lebensmittel", "design", "media", "medien", "marketing", "digital", "software", "data", "it", "network",
        "networks", "communications", "telecom", "products", "product", "produkte", "materials", "metal", "metall",
        "steel", "stahl", "plastics", "kunststoff", "packaging", "verpackung", "automotive", "auto", "automobile",
        "motors", "tools", "werkzeug", "werkzeugbau", "equipment", "supply", "supplies", "store", "stores", "shop",
        "market", "restaurant", "restaurants", "cafe", "hotel", "grill", "bar", "center", "centre", "zentrum",
        "school", "schools", "academy", "institute", "university", "association", "foundation", "society", "club",
        "public", "national", "general", "company", "co", "corporation", "firm", "firma", "works", "werke", "werk",
        "fabrik", "factory", "manufacturing", "produktion", "production", "development", "projects", "project",
        "agency", "agentur", "studio", "studios", "lab", "labs", "research", "security", "facility", "environmental",
        "textile", "textiles", "textil", "paper", "print", "printing", "druck", "glass", "glas", "wood", "holz",
        "furniture", "mobel", "moebel", "fashion", "moda", "mode", "sport", "sports", "travel", "reisen", "gmbh",
        "community", "city", "child", "care", "family", "early", "learning", "day",
        "brothers", "sons", "etablissements", "societe", "handwerk", "metallbau", "stahlbau", "tiefbau", "hochbau",
        "bauunternehmung", "bauunternehmen", "elektrotechnik", "sanitar", "heizung", "klima", "autohaus", "backerei",
        "metzgerei", "fleischwaren", "weingut", "brauerei", "verlag", "druckerei", "reederei", "klinik", "kliniken",
        "apotheke", "praxis", "rechtsanwalte", "steuerberatung", "steuerberatungsgesellschaft", "treuhand",
        "tischlerei", "schreinerei", "hausverwaltung", "gartenbau", "versicherung", "versicherungen", "feinmechanik",
        "cabinet", "garage", "imprimerie", "boulangerie", "patisserie", "menuiserie", "fromagerie", "pharmacie",
        "travaux", "publics", "batiment", "immobilier", "assurances", "produits", "officine", "officina", "meccanica",
        "meccaniche", "impianti", "costruzioni", "legale", "trasporti", "autotrasporti", "tessitura",
        "ceramiche", "cantina", "azienda", "agricola", "farmacia", "associati", "immobiliare", "prodotti", "talleres",
        "construcciones", "bodegas", "muebles", "abogados", "clinica", "conservas", "ferreteria", "obras",
        "inmobiliaria", "productos", "bouw", "bakkerij", "advocaten", "brouwerij", "zorg", "zaklad",
        "zaklady", "przedsiebiorstwo", "fabryka", "drukarnia", "spoldzielnia", "hurtownia", "apteka", "piekarnia",
        "uslugi", "stavby", "stavebni", "doprava", "pekarna", "pekarny", "bygg", "byg", "konsult", "kuljetus",
        "konepaja", "rakennus", "epito", "kereskedelmi", "szolgaltato", "construcoes", "comercio", "builders",
        "shipping", "freight", "plumbing", "heating",
    }
)  # fmt: skip

# What people shorten, and what it stands for.
SHORT = {
    "intl": "international", "int": "international", "tech": "technology", "technologies": "technology",
    "mfg": "manufacturing", "mgmt": "management", "svcs": "services", "svc": "services", "service": "services",
    "bros": "brothers", "gebr": "brothers", "gebruder": "brothers", "grp": "group", "assn": "association",
    "assoc": "associates", "natl": "national", "nat": "national", "univ": "university", "ind": "industries",
    "industry": "industries", "inds": "industries", "eng": "engineering", "elec": "electric", "dept": "department",
    "ctr": "center", "centre": "center", "holding": "holdings", "enterprise": "enterprises", "system": "systems",
    "solution": "solutions", "school": "schools", "sch": "schools", "comm": "community", "govt": "government",
    "saint": "st", "sankt": "st", "mount": "mt", "product": "products", "investment": "investments",
    "gebroeders": "brothers", "freres": "brothers", "fratelli": "brothers", "hermanos": "brothers", "hnos": "brothers",
    "irmaos": "brothers", "broderna": "brothers", "brodrene": "brothers", "brdr": "brothers", "bracia": "brothers",
    "bratri": "brothers", "afoi": "brothers", "sohne": "sons", "soehne": "sons", "fils": "sons", "figli": "sons",
    "hijos": "sons", "filhos": "sons", "zonen": "sons", "zn": "sons", "zoon": "sons", "sonner": "sons", "soner": "sons",
    "synowie": "sons", "synove": "sons", "son": "sons", "sohn": "sons", "hijo": "sons", "figlio": "sons",
    "ets": "etablissements", "etab": "etablissements", "soc": "societe", "societa": "societe", "sociedad": "societe",
    "sociedade": "societe", "cie": "company", "compagnie": "company", "compagnia": "company", "compania": "company",
    "bouwbedrijf": "bouw", "aannemersbedrijf": "bouw", "bouwwerken": "bouw", "transportbedrijf": "transport",
    "transporten": "transport", "transports": "transport", "transportes": "transport", "transp": "transport",
    "partner": "partners", "network": "networks", "bzw": "", "hldgs": "holdings", "hldg": "holdings",
}  # fmt: skip

NUMBERS = {
    "one": "1", "first": "1", "1st": "1", "two": "2", "second": "2", "2nd": "2", "three": "3", "third": "3",
    "3rd": "3", "four": "4", "fourth": "4", "4th": "4", "five": "5", "fifth": "5", "5th": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "twenty": "20",
    "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
    "hundred": "100",
}  # fmt: skip

# Countries and wide regions as they stand in names of firms: Acme (Germany) is not Acme (France).
PLACES = frozenset(
    {
        "africa", "america", "american", "americas", "anhui", "apac", "argentina", "asia", "australia", "austria",
        "beijing", "belgie", "belgique", "belgium", "brasil", "brazil", "britain", "bulgaria", "canada", "changsha",
        "changzhou", "chengdu", "chile", "china", "chinese", "chongqing", "colombia", "czech", "dalian", "danmark",
        "denmark", "deutschland", "dongguan", "dubai", "east", "eastern", "egypt", "emea", "emirates", "england",
        "espana", "europa", "europe", "european", "finland", "foshan", "france", "fujian", "fuzhou", "germany",
        "greece", "guangdong", "guangzhou", "hangzhou", "harbin", "hebei", "hefei", "henan", "holland", "hong",
        "hongkong", "hubei", "huizhou", "hunan", "hungary", "india", "indonesia", "ireland", "israel", "italia",
        "italy", "japan", "jiangsu", "jinan", "kong", "korea", "kunming", "kunshan", "london", "luxembourg", "macau",
        "malaysia", "mexico", "middle", "nanjing", "nantong", "nederland", "netherlands", "ningbo", "nippon", "nord",
        "norge", "north", "northern", "norway", "oesterreich", "ost", "osterreich", "pacific", "peru", "philippines",
        "poland", "polska", "portugal", "qingdao", "quanzhou", "romania", "russia", "schweiz", "scotland", "shandong",
        "shanghai", "shenyang", "shenzhen", "sichuan", "singapore", "south", "southern", "spain", "sud", "suisse",
        "suomi", "suzhou", "sverige", "sweden", "switzerland", "taipei", "taiwan", "thailand", "tianjin", "turkey",
        "turkiye", "uk", "ukraine", "us", "usa", "vietnam", "wales", "wenzhou", "west", "western", "wuhan", "wuxi",
        "xiamen", "xian", "yiwu", "zealand", "zhejiang", "zhengzhou", "zhongshan", "zhuhai",
    }
)  # fmt: skip
