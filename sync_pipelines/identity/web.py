"""E-mail addresses and web sites: under which domain somebody registered, and whether it says who they are."""

from dataclasses import dataclass
from functools import lru_cache

from sync_pipelines.identity.folding import fold
from sync_pipelines.identity.words import mail, suffixes

_COUNTRY = 2  # letters of a country's top level


@dataclass(frozen=True, slots=True)
class Email:
    """An address in its parts. `free`: the domain belongs to a provider, not to the one who writes."""

    local: str
    domain: str
    free: bool
    role: bool  # info@ is nobody in particular

    @property
    def text(self) -> str:
        """The address as one text."""
        return f"{self.local}@{self.domain}"


def email(text: str) -> Email | None:
    """An address; None where none stands there. What comes after a plus sign is the writer's own business."""
    local, at, host = fold(text).strip().strip("<>").rpartition("@")
    domain = registered(host)
    if not at or not local or not domain:
        return None
    local = local.rpartition("<")[2].partition("+")[0].removeprefix("mailto:")
    free = is_free(host)
    return Email(local, host if free else domain, free, local in mail.ROLES)


def is_free(host: str) -> bool:
    """Whether strangers share this domain."""
    return host in mail.FREE_MAIL or registered(host) in mail.FREE_MAIL or host in mail.PLATFORMS


def site(text: str) -> str:
    """The registered domain of a web site or an e-mail address; empty where it says nothing of whom it belongs to."""
    folded = fold(text).strip()
    host = folded.rpartition("@")[2] if "@" in folded else folded.partition("//")[2] or folded
    host = host.partition("/")[0].partition("?")[0].partition(":")[0].strip(". ")
    domain = registered(host)
    return "" if not domain or is_free(host) or domain in mail.PLATFORMS else domain


@lru_cache(maxsize=1 << 14)
def registered(host: str) -> str:
    """The part of a host name that somebody registered: `shop.acme.co.uk` is `acme.co.uk`."""
    labels = [label for label in host.strip(". ").removeprefix("www.").split(".") if label]
    if len(labels) < 2 or any(not _fits(label) for label in labels):  # noqa: PLR2004 - a name and its top level
        return ""
    for parts in (3, 2):
        if len(labels) > parts and ".".join(labels[-parts:]) in suffixes.HOSTED:
            return ".".join(labels[-parts - 1 :])
    return ".".join(labels[-_length(labels) :])


def _length(labels: list[str]) -> int:
    top, second = labels[-1], labels[-2]
    shared = len(top) == _COUNTRY and top not in suffixes.FLAT and second in suffixes.SECOND_LEVEL
    return 3 if shared and len(labels) > 2 else 2  # noqa: PLR2004 - acme.co.uk


def _fits(label: str) -> bool:
    return all(sign.isalnum() or sign in "-_" for sign in label)
