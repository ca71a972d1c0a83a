"""How one Salesforce org is reached and used."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from connectors.settings import ConnectionSettings

_NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
_SWITCHED_OFF: Mapping[str, Mapping[str, Any]] = {"Account": {"Active__c": False}, "Contact": {"Active__c": False}}


class SalesforceSettings(ConnectionSettings):
    """Client credentials need `client_secret`; JWT bearer needs `username` and `private_key`."""

    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    username: str = ""
    private_key: SecretStr | None = None  # PEM
    audience: str = "https://login.salesforce.com"  # of a sandbox: https://test.salesforce.com
    # Hosts that the token answer may send us to, besides that of `url`.
    instance_hosts: tuple[str, ...] = ("*.my.salesforce.com", "*.salesforce.com")

    api_version: str = Field(default="v65.0", pattern=r"^v\d{2,3}\.0$")
    key_field: str = Field(default="Concordat_Key__c", pattern=_NAME)
    # By kind: what takes a record out of use. A kind that is not named here cannot be archived.
    archive: Mapping[str, Mapping[str, Any]] = _SWITCHED_OFF
    conditional_accounts: bool = False  # update Account rows one by one with If-Match: two calls each, and no race

    page_size: int = Field(default=2000, ge=1, le=2000)
    windows: int = Field(default=8, ge=1, le=20)  # parts of a full read fetched at once; an org allows 25 long calls
    bulk_above: int | None = Field(default=20_000, ge=0)  # rows; a larger read goes by Bulk API 2.0. None: never
    bulk_page_rows: int = Field(default=10_000, ge=1)
    look_back: timedelta = timedelta(seconds=120)  # longer than the longest transaction; it is read twice each time

    @field_validator("bulk_above", mode="before")
    @classmethod
    def _empty_is_never(cls, told: object) -> object:
        return None if told == "" else told

    @model_validator(mode="after")
    def _has_a_way_to_log_in(self) -> Self:
        if self.client_secret is None and not (self.private_key is not None and self.username):
            raise ValueError("give client_secret (client credentials), or username and private_key (JWT bearer)")
        return self
