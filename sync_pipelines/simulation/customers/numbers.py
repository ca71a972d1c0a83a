"""Made-up tax ids with true check digits, and phone numbers of the right shape, since systems look at both.

Everything is made from an index: two indices never give one number, so nothing has to be remembered.
"""

from collections.abc import Callable, Mapping

from sync_pipelines.simulation.customers.draw import scattered

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_PLACES = {sign: place for place, sign in enumerate(_USCC)}
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)
_BRITISH = (8, 7, 6, 5, 4, 3, 2)
_EIN_PREFIXES = ("36", "74", "04", "84", "91", "93", "20", "26", "45", "81")
_ANY_REGION = "310101"


def tax_id(country: str, index: int, seed: int, region: str = _ANY_REGION) -> str:
    """The tax id of the index-th taxpayer of a country; `region` is where a Chinese one is registered."""
    if country == "CN":
        return _chinese(scattered(index, 90_000_000, seed) + 10_000_000, region)
    space, make = _MAKERS[country]
    return make(scattered(index, space, seed))


def _german(n: int) -> str:
    digits = f"{n + 10_000_000:08d}"
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = (total * 2) % 11
    return f"DE{digits}{(11 - product) % 10}"


def _chinese(n: int, region: str) -> str:
    """统一社会信用代码: kind, region, organisation code with its own check, and a check over all."""
    organisation = f"{n:08d}"
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(organisation, _ORGANISATION, strict=True)) % 11
    code = f"91{region}{organisation}{ {10: 'X', 11: '0'}.get(rest, str(rest)) }"
    total = sum(_USCC_PLACES[sign] * weight for sign, weight in zip(code, _USCC_WEIGHTS, strict=True))
    return code + _USCC[(31 - total % 31) % 31]


def _american(n: int) -> str:
    return f"{_EIN_PREFIXES[n % len(_EIN_PREFIXES)]}{n // len(_EIN_PREFIXES):07d}"


def _british(n: int) -> str:
    digits = f"{n + 1_000_000:07d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _BRITISH, strict=True))
    return f"{digits}{97 - total % 97:02d}"


def _french(n: int) -> str:
    body = f"{n + 30_000_000:08d}"
    siren = body + _luhn(body)
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _luhn(body: str) -> str:
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return str(-sum(one - 9 if one > 9 else one for one in doubled) % 10)  # noqa: PLR2004 - the rule of Luhn


def _dutch(n: int) -> str:
    """Of eleven numbers, the first whose check digit exists."""
    for body in range(n * 11 + 10_000_000, n * 11 + 10_000_011):
        check = sum(int(digit) * (9 - place) for place, digit in enumerate(f"{body:08d}")) % 11
        if check < 10:  # noqa: PLR2004 - one digit
            return f"NL{body:08d}{check}B01"
    raise ValueError(n)  # of eleven neighbours, at most two have none


_MAKERS: Mapping[str, tuple[int, Callable[[int], str]]] = {
    "DE": (89_000_000, _german),
    "US": (90_000_000, _american),
    "GB": (8_000_000, _british),
    "FR": (60_000_000, _french),
    "NL": (8_000_000, _dutch),
}

CALLING = {"DE": "49", "CN": "86", "US": "1", "GB": "44", "FR": "33", "NL": "31"}
_LINES: Mapping[str, tuple[int, int]] = {  # how many lines an area has, and the first of them
    "DE": (6_000_000, 3_000_000),
    "CN": (18_000_000, 61_000_000),
    "US": (7_000_000, 2_000_000),
    "GB": (1_000_000, 2_000_000),
    "FR": (16_000_000, 72_000_000),
    "NL": (3_000_000, 2_000_000),
}
_MOBILES: Mapping[str, tuple[str, int, int]] = {  # prefix, how many, the first
    "DE": ("151", 80_000_000, 10_000_000),
    "CN": ("138", 100_000_000, 0),
    "US": ("917", 7_000_000, 2_000_000),
    "GB": ("74", 90_000_000, 0),
    "FR": ("6", 48_000_000, 40_000_000),
    "NL": ("6", 40_000_000, 10_000_000),
}
_WIDE = {"CN": 8, "FR": 8, "GB": 8, "DE": 8, "NL": 8, "US": 7}


def landline(country: str, area: str, index: int, seed: int) -> str:
    """The number of the index-th line of an area, as `+` and digits."""
    lines, first = _LINES[country]
    return f"+{CALLING[country]}{area}{scattered(index, lines, seed) + first}"


def mobile(country: str, index: int, seed: int) -> str:
    """The index-th mobile number of a country."""
    prefix, numbers, first = _MOBILES[country]
    return f"+{CALLING[country]}{prefix}{scattered(index, numbers, seed) + first:0{_WIDE[country]}d}"
