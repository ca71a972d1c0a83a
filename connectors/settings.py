"""Connections: where a system is and who we are there, by the system's name, from environment or secrets folder.

For a system `crm`: `CONCORDAT_CRM_URL=https://…` and `CONCORDAT_CRM_CLIENT_SECRET=…`, or
`CONCORDAT_CRM_CLIENT_SECRET_FILE` with the name of a file that holds it, or a file `concordat_crm_client_secret` in
the folder that `CONCORDAT_SECRETS` names (by default `secrets/` in `CONCORDAT_HOME`, where there is one).
"""

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from connectors.address import Address
from connectors.errors import MisconfiguredError


class NamedSettings(BaseSettings):
    """Found by the name of a system; secrets are `SecretStr`."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the shape of the hook
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before secrets folder before named files and the book; no .env file."""
        return env_settings, file_secret_settings, init_settings


class ConnectionSettings(NamedSettings):
    """What every connection has. A vendor's settings inherit it."""

    url: str
    on_premise: bool = False  # in our own network: http:// and private addresses are allowed
    ca_bundle: Path | None = None  # certificates of our own authority

    def address(self, *hosts: str) -> Address:
        """The checked address; `hosts` are patterns of which its host has to match one."""
        return Address.of(self.url, on_premise=self.on_premise, ca_bundle=self.ca_bundle, hosts=hosts)


class WebhookSettings(NamedSettings):
    """The secret that a system signs its webhooks with; `webhook_previous_secret` still counts while it is changed."""

    webhook_secret: SecretStr = Field(min_length=16)
    webhook_previous_secret: SecretStr | None = Field(default=None, min_length=16)

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """The one that counts, and the one before it."""
        told = (self.webhook_secret, self.webhook_previous_secret)
        return tuple(one.get_secret_value().encode() for one in told if one is not None)


_Settings = TypeVar("_Settings", bound=NamedSettings)


def load(kind: type[_Settings], system: str, options: Mapping[str, Any] | None = None) -> _Settings:
    """The settings of a system; `options` are what the book says of it. MisconfiguredError bears all complaints."""
    prefix = prefix_of(system)
    book = dict(options or {})
    complaints = [
        f"{name} is a secret and does not belong into the book: set {prefix}{name.upper()}"
        for name in book
        if name in kind.model_fields and _is_secret(kind.model_fields[name])
    ]
    if complaints:
        raise MisconfiguredError(f"{system} is not set up: {'; '.join(complaints)}")
    files = _from_named_files(kind, prefix)
    try:
        return kind(_env_prefix=prefix, _secrets_dir=secrets_folder(), **{**book, **files})
    except ValidationError as error:
        unknown = _unknown(kind, prefix)
        said = "; ".join(_complaint(prefix, one["loc"], one["type"], one["msg"], unknown) for one in error.errors())
        raise MisconfiguredError(f"{system} is not set up: {said}") from None


def prefix_of(system: str) -> str:
    """`crm-eu` becomes `CONCORDAT_CRM_EU_`."""
    return f"CONCORDAT_{re.sub(r'[^A-Za-z0-9]', '_', system).upper()}_"


def _from_named_files(kind: type[NamedSettings], prefix: str) -> dict[str, str]:
    """`…_FILE` names a file that holds the value, as container platforms hand out secrets."""
    named = {name: os.environ.get(f"{prefix}{name.upper()}_FILE") for name in kind.model_fields}
    return {name: _content(f"{prefix}{name.upper()}_FILE", place) for name, place in named.items() if place}


def _content(variable: str, place: str) -> str:
    if variable.removesuffix("_FILE") in os.environ:
        raise MisconfiguredError(f"{variable} and {variable.removesuffix('_FILE')} are both set: keep one")
    try:
        return Path(place).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise MisconfiguredError(f"{variable} names {place}, which cannot be read ({type(error).__name__})") from error


def secrets_folder() -> Path | None:
    """Where secrets lie as files; None where there is no such place. Raises MisconfiguredError."""
    place = os.environ.get("CONCORDAT_SECRETS")
    if not place:
        at_home = Path(os.environ.get("CONCORDAT_HOME") or ".concordat") / "secrets"
        return at_home if at_home.is_dir() else None
    if not Path(place).is_dir():
        raise MisconfiguredError(f"CONCORDAT_SECRETS names {place}, which is no folder")
    return Path(place)


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


def _unknown(kind: type[NamedSettings], prefix: str) -> list[str]:
    """Ends of variables that bear the system's name and mean nothing: perhaps misspelt."""
    known = {f"{name.upper()}{end}" for name in kind.model_fields for end in ("", "_FILE")}
    return [
        name.removeprefix(prefix) for name in os.environ if name.startswith(prefix) and name[len(prefix) :] not in known
    ]


def _complaint(prefix: str, where: tuple[int | str, ...], sort: str, message: str, unknown: list[str]) -> str:
    name = "_".join(str(part) for part in where)
    variable = f"{prefix}{name.upper()}"
    if sort == "missing":
        near = get_close_matches(name.upper(), unknown, 1, 0.75)
        return f"{variable} is missing" + (f" (is {prefix}{near[0]} meant for it?)" if near else "")
    if sort == "extra_forbidden":
        return f"the book says {name}, which this connector does not know"
    return f"{variable}: {message[:1].lower()}{message[1:]}"
