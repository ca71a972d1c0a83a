"""How one Shopify shop is reached and used."""

from datetime import timedelta
from typing import Self

from pydantic import Field, SecretStr, model_validator

from connectors.settings import ConnectionSettings, NamedSettings

_NAME = r"^[A-Za-z0-9_$:-]{2,64}$"


class ShopifySettings(ConnectionSettings):
    """A static token needs `access_token`; the client-credentials grant needs `client_id` and `client_secret`."""

    access_token: SecretStr | None = None  # of a custom app made before 2026, or by another grant
    client_id: str = ""
    client_secret: SecretStr | None = None

    api_version: str = Field(default="2026-01", pattern=r"^20\d\d-(01|04|07|10)$")
    # Our key: a metafield of type `id`, whose values the shop itself keeps unique.
    key_namespace: str = Field(default="concordat", pattern=_NAME)
    key_name: str = Field(default="key", pattern=_NAME)
    archive_tag: str = Field(
        default="out-of-use", min_length=1, max_length=255
    )  # customers have no switch; a tag says it
    companies: bool = False  # the shop sells to companies (B2B): the kind Company is offered

    page_size: int = Field(default=250, ge=1, le=250)
    addresses: int = Field(
        default=10, ge=1, le=250
    )  # of a customer in one page; where there are more, they are fetched
    batch: int = Field(default=20, ge=1, le=50)  # customers in a write call
    bulk_above: int | None = Field(
        default=5_000, ge=0
    )  # records; a larger full read goes as a bulk operation. None: never
    bulk_hosts: tuple[str, ...] = ("storage.googleapis.com", "*.storage.googleapis.com", "*.shopifycloud.com")
    bulk_slice: int = Field(default=8 * 1024 * 1024, ge=64)  # bytes of a bulk result that are fetched at a time
    look_back: timedelta = timedelta(minutes=5)  # the search index may lag so far

    @model_validator(mode="after")
    def _has_a_way_to_log_in(self) -> Self:
        if self.access_token is None and not (self.client_id and self.client_secret is not None):
            raise ValueError("give access_token, or client_id and client_secret (client credentials)")
        return self


class ShopWebhookSettings(NamedSettings):
    """A shop signs with the secret of the app that subscribed, or with one of its own (made in the admin's pages)."""

    webhook_secret: SecretStr | None = None
    webhook_previous_secret: SecretStr | None = None
    client_secret: SecretStr | None = None

    @model_validator(mode="after")
    def _has_a_secret(self) -> Self:
        if not self.secrets:
            raise ValueError("give webhook_secret, or the client_secret of the app that subscribes")
        return self

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """What counts."""
        told = (self.webhook_secret or self.client_secret, self.webhook_previous_secret)
        return tuple(one.get_secret_value().encode() for one in told if one is not None and one.get_secret_value())
