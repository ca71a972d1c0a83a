"""What a shop announces, signed with the app's client secret.

`X-Shopify-Hmac-Sha256` is the base64 of HMAC-SHA256 over the body, and over nothing else: topic, shop, event id and
time are headers that anybody may change who once saw a genuine request. So what tells a delivery from others is its
body (which holds the moment of the change), and no window is held against a time that is not signed.
"""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any, TypeGuard

from connectors.contract import Hint
from connectors.settings import load
from connectors.shopify.selection import number
from connectors.shopify.settings import ShopWebhookSettings
from connectors.webhooks import ForgedError, Genuine, Notice, UnclearError, Webhooks, hint_of, matches, parsed

SIGNATURE, TOPIC = "x-shopify-hmac-sha256", "x-shopify-topic"
_NUMBER = re.compile(r"\d{1,19}")
_KINDS: Mapping[str, str] = MappingProxyType(  # of the topic's first word
    {"customers": "Customer", "customer": "Customer", "companies": "Company", "company_locations": "Company"}
)
_MERGED = ("admin_graphql_api_customer_kept_id", "admin_graphql_api_customer_deleted_id")
_LONGEST = 100


class ShopWebhooks:
    """`connectors.webhooks.Webhooks` of one shop."""

    def __init__(self, secrets: Sequence[bytes]) -> None:
        """Any of these may have signed."""
        self._secrets = secrets

    def genuine(self, notice: Notice) -> Genuine:
        """By the signature of the body."""
        told = notice.headers.get(SIGNATURE, "")
        if not told or not matches((tag(secret, notice.body) for secret in self._secrets), told):
            raise ForgedError(f"{SIGNATURE} is missing or not ours")
        return Genuine(sha256(notice.body).hexdigest(), notice.headers.get(TOPIC, "")[:_LONGEST])

    def hints(self, topic: str, body: bytes) -> Sequence[Hint]:
        """By the topic's first word; what it does not name is none of the connector's kinds."""
        kind = _KINDS.get(topic.partition("/")[0])
        if kind is None:
            return []
        said = parsed(body)
        if not isinstance(said, dict):
            raise UnclearError("it is no object")
        return [hint_of(kind, _ids(kind, topic, said), _NUMBER)]


def _ids(kind: str, topic: str, said: Mapping[str, Any]) -> list[object]:
    """Numbers, as records have them."""
    if topic.startswith("company_locations/"):
        company = said.get("company")
        return [number(company["admin_graphql_api_id"])] if _has_gid(company) else []
    merged = [number(str(said[name])) for name in _MERGED if isinstance(said.get(name), str)]
    if merged:
        return [*merged]
    if kind == "Company" and _has_gid(said):
        return [number(said["admin_graphql_api_id"])]
    return [said["id"]] if isinstance(said.get("id"), int) else []


def _has_gid(said: object) -> TypeGuard[Mapping[str, str]]:
    return isinstance(said, dict) and isinstance(said.get("admin_graphql_api_id"), str)


def tag(secret: bytes, body: bytes) -> str:
    """The signature of a body."""
    return base64.b64encode(hmac.new(secret, body, sha256).digest()).decode("ascii")


def open_webhooks(system: str) -> Webhooks:
    """Of a shop."""
    return ShopWebhooks(load(ShopWebhookSettings, system).secrets)
