"""Where a system is, and which addresses a call may go to."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from connectors.errors import MisconfiguredError

_LONGEST_URL = 16_384  # the limit most vendors document for a GET
_HALF = re.compile("[\ud800-\udfff]")
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Address:
    """The one origin that a door opens to. Credentials never leave it.

    Made by `Address.of`, which refuses what is not safe.
    """

    base: str  # with a slash at its end
    on_premise: bool = False  # the operator says: in our own network; http and private addresses are allowed then
    ca_bundle: Path | None = None  # certificates to trust besides nobody else

    @classmethod
    def of(
        cls, url: str, *, on_premise: bool = False, ca_bundle: Path | None = None, hosts: tuple[str, ...] = ()
    ) -> "Address":
        """`hosts`: patterns of which the host has to match one (`*.my.salesforce.com`). Raises MisconfiguredError."""
        parts = _split(url)
        _refuse_scheme(parts.scheme, on_premise=on_premise)
        if parts.username is not None or parts.password is not None:
            raise MisconfiguredError("an address bears a user name or password: put them into their own settings")
        host = (parts.hostname or "").lower()
        if not host:
            raise MisconfiguredError(f"{shown(url)} is no address: write it as https://host")
        _refuse_host(host, hosts, on_premise=on_premise)
        if parts.query or parts.fragment:
            raise MisconfiguredError(f"{shown(url)}: an address of a system has no ? and no #")
        return cls(url.rstrip("/") + "/", on_premise, ca_bundle)

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return _origin(self.base)

    @property
    def host(self) -> str:
        """The host, for messages."""
        return self.origin[1]

    def to(self, place: str) -> str:
        """The full address of a path (relative to the base, or from the root), or of a link that the system gave.

        Raises MisconfiguredError where it would leave the origin, climb with `..` or carry control characters.
        """
        if any(ord(sign) <= 32 or ord(sign) == 127 for sign in place) or "\\" in place:  # noqa: PLR2004 - ASCII
            raise MisconfiguredError(f"{self.host}: an address with a control character, a blank or a backslash")
        if _HALF.search(place):
            raise MisconfiguredError(f"{self.host}: an address with half of a character (a surrogate alone)")
        url = urljoin(self.base, place)
        if _origin(url) != self.origin or urlsplit(url).username is not None:
            raise MisconfiguredError(f"{self.host} points to another host ({shown(url)}): not followed")
        if any(part in {".", ".."} for part in urlsplit(place).path.replace("%2e", ".").replace("%2E", ".").split("/")):
            raise MisconfiguredError(f"{self.host}: {shown(url)} climbs out of its path")
        if len(url) > _LONGEST_URL:
            raise MisconfiguredError(f"{self.host}: an address of {len(url)} characters; ask for less at once")
        return url


def segment(text: str) -> str:
    """A record's id (or any text) as one segment of a path, whatever it holds. Raises ValueError on what cannot be."""
    if text in {"", ".", ".."}:
        raise ValueError(f"{text!r} cannot be a part of a path")
    return quote(text, safe="")


def shown(url: str) -> str:
    """An address as it may stand in a message or log: no user, no values of a query."""
    try:
        parts = urlsplit(url)
        names = [pair.split("=", 1)[0] for pair in parts.query.split("&")] if parts.query else []
        query = "?" + "&".join(f"{name}=…" for name in names) if names else ""
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "(an unreadable address)"
    return "".join(sign if sign.isprintable() else "�" for sign in f"{parts.scheme}://{host}{parts.path}{query}"[:300])


def _split(url: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a private class of urllib
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError as error:
        raise MisconfiguredError(f"{shown(url)} is no address: {error}") from error
    return parts


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)


def _refuse_scheme(scheme: str, *, on_premise: bool) -> None:
    if scheme == "https" or (scheme == "http" and on_premise):
        return
    if scheme == "http":
        raise MisconfiguredError("http:// would send credentials in the clear: use https://, or set ON_PREMISE=true")
    raise MisconfiguredError(f"{scheme or 'no scheme'}: an address begins with https://")


def _refuse_host(host: str, hosts: tuple[str, ...], *, on_premise: bool) -> None:
    if hosts and not any(fnmatchcase(host, pattern.lower()) for pattern in hosts):
        raise MisconfiguredError(f"{host} is none of the allowed hosts ({', '.join(hosts)})")
    address = _literal(host)
    if address is None:
        return
    if address.is_link_local or address.is_unspecified or address.is_multicast:
        raise MisconfiguredError(f"{host} is never the address of a system (link-local, unspecified or multicast)")
    if not address.is_global and not on_premise:
        raise MisconfiguredError(
            f"{host} is a private address: set ON_PREMISE=true if the system is in your own network"
        )


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return _disguised(host)
    return getattr(address, "ipv4_mapped", None) or address


def _disguised(host: str) -> IPv4Address | None:
    """`2130706433`, `0x7f.1`, `0177.0.0.1`: spellings of an IPv4 address that resolvers understand."""
    try:
        parts = [
            int(part, 0 if part.startswith(("0x", "0X")) else 8 if _octal(part) else 10) for part in host.split(".")
        ]
    except ValueError:
        return None
    number = sum(part << (8 * (3 - place)) for place, part in enumerate(parts[:-1])) + parts[-1]
    return IPv4Address(number & 0xFFFFFFFF)


def _octal(part: str) -> bool:
    return len(part) > 1 and part.startswith("0")
