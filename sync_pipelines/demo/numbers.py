"""Made-up tax numbers with true check digits, since both systems look at those."""

_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_EIN_PREFIXES = ("36", "74", "04", "84", "91", "93")
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)
_CN_REGIONS = ("310101", "330203", "440304", "320508", "330106", "370202")
_BRITISH = (8, 7, 6, 5, 4, 3, 2)


def tax_number(country: str, n: int) -> str:
    """The n-th number of a country."""
    return _MAKERS[country](n)


def _german(n: int) -> str:
    digits = f"{20000000 + n * 7919:08d}"
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = (total * 2) % 11
    return f"DE{digits}{(11 - product) % 10}"


def _chinese(n: int) -> str:
    """统一社会信用代码: kind, region, organisation code with its own check, and a check over all."""
    organisation = f"{30000000 + n * 6007:08d}"
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(organisation, _ORGANISATION, strict=True)) % 11
    code = f"91{_CN_REGIONS[n % len(_CN_REGIONS)]}{organisation}{ {10: 'X', 11: '0'}.get(rest, str(rest)) }"
    total = sum(_USCC.index(sign) * pow(3, place, 31) for place, sign in enumerate(code))
    return code + _USCC[(31 - total % 31) % 31]


def _american(n: int) -> str:
    return f"{_EIN_PREFIXES[n % len(_EIN_PREFIXES)]}-{2000000 + n * 3301:07d}"


def _british(n: int) -> str:
    digits = f"{1000000 + n * 4513:07d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _BRITISH, strict=True))
    return f"GB{digits}{97 - total % 97:02d}"


def _french(n: int) -> str:
    body = f"{41000000 + n * 5081:08d}"
    siren = body + _luhn(body)
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _luhn(body: str) -> str:
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return str(-sum(one - 9 if one > 9 else one for one in doubled) % 10)  # noqa: PLR2004 - the rule of Luhn


def _dutch(n: int) -> str:
    """Of the next numbers, the first whose check digit exists."""
    for body in range(10000000 + n * 3001, 10000000 + n * 3001 + 11):
        check = sum(int(digit) * (9 - place) for place, digit in enumerate(f"{body:08d}")) % 11
        if check < 10:  # noqa: PLR2004 - one digit
            return f"NL{body:08d}{check}B01"
    raise ValueError(n)


_MAKERS = {"DE": _german, "CN": _chinese, "US": _american, "GB": _british, "FR": _french, "NL": _dutch}
