"""How the gate is set: where people reach it, whom it trusts, and what is open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from connectors.errors import MisconfiguredError
from sync_pipelines.gate.people import Role

Networks = tuple[IPv4Network | IPv6Network, ...]

_LONGEST_VISIT = 24 * 7  # hours
_DEFAULT_VISIT = 8
_AT_HOME = ("localhost", "127.0.0.1", "::1")
_OPEN = "open"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the environment says."""

    hosts: tuple[str, ...]  # under which it answers people, with their ports where these are not the usual ones
    secure: bool  # people come by https
    lasts: timedelta = timedelta(hours=_DEFAULT_VISIT)
    proxies: Networks = ()  # whose word counts for who asks and from where
    user_header: str = ""  # in which such a proxy names who has logged in there, in small letters
    proxy_role: Role | None = None  # of somebody whom the proxy names and who has no login here
    metrics_token: str = ""
    metrics_open: bool = False

    @property
    def origins(self) -> frozenset[str]:
        """From which a browser may ask for anything but a look."""
        return frozenset(f"{'https' if self.secure else 'http'}://{host}" for host in self.hosts)

    @property
    def cookie(self) -> str:
        """With the prefix, a browser takes it over https only, and from nobody but this host."""
        return "__Host-concordat" if self.secure else "concordat"

    def trusts(self, address: str) -> bool:
        """Whether a peer is one of the proxies."""
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self.proxies)


def rules_of(told: Callable[[str], str], host: str, port: int, *, tls: bool) -> Rules:
    """`told` answers a variable's value, or empty. Raises MisconfiguredError."""
    hosts, secure = _reached_at(told("CONCORDAT_GATE_URL"), host, port, tls=tls)
    proxies = _networks(told("CONCORDAT_GATE_PROXIES"))
    header = told("CONCORDAT_GATE_USER_HEADER").lower()
    if header and not proxies:
        raise MisconfiguredError(
            "CONCORDAT_GATE_USER_HEADER without CONCORDAT_GATE_PROXIES would let anybody be anybody: "
            "name the addresses of your proxies"
        )
    token = told("CONCORDAT_GATE_METRICS")
    return Rules(
        hosts=hosts,
        secure=secure,
        lasts=_hours(told("CONCORDAT_GATE_HOURS")),
        proxies=proxies,
        user_header=header,
        proxy_role=_role(told("CONCORDAT_GATE_PROXY_ROLE")),
        metrics_token="" if token == _OPEN else token,
        metrics_open=token == _OPEN,
    )


def _reached_at(url: str, host: str, port: int, *, tls: bool) -> tuple[tuple[str, ...], bool]:
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise MisconfiguredError(f"CONCORDAT_GATE_URL says {url}: write https://host, without a path")
        return (parts.netloc.lower(),), parts.scheme == "https"
    if host in _AT_HOME:
        names = ("localhost", "127.0.0.1", "[::1]")
        return tuple(f"{name}:{port}" for name in names), tls
    raise MisconfiguredError(
        f"people would reach the gate at {host}, but it is not said how: set CONCORDAT_GATE_URL=https://name, with a "
        "proxy that has the certificate, or with --certificate and --key (http:// only where you know why)"
    )


def _networks(said: str) -> Networks:
    try:
        return tuple(ip_network(one.strip()) for one in said.split(",") if one.strip())
    except ValueError as error:
        says = f"CONCORDAT_GATE_PROXIES: {error}; write addresses as 10.0.0.7 or 10.0.0.0/28"
        raise MisconfiguredError(says) from None


def _role(word: str) -> Role | None:
    role = Role.of(word) if word else None
    if word and role is None:
        raise MisconfiguredError(f"CONCORDAT_GATE_PROXY_ROLE says {word}: write viewer, operator or admin")
    return role


def _hours(said: str) -> timedelta:
    if not said:
        return timedelta(hours=_DEFAULT_VISIT)
    if not said.isdigit() or not 1 <= int(said) <= _LONGEST_VISIT:
        raise MisconfiguredError(f"CONCORDAT_GATE_HOURS says {said}: write 1 to {_LONGEST_VISIT}")
    return timedelta(hours=int(said))


def from_environment(environment: Mapping[str, str]) -> Callable[[str], str]:
    """The values of variables, without blanks around them."""
    return lambda name: environment.get(name, "").strip()
