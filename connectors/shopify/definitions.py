"""The definition of our key: a metafield of type `id`, which makes the shop refuse a value that is taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.contract import Finding
from connectors.errors import MisconfiguredError
from connectors.shopify.client import Client
from connectors.shopify.settings import ShopifySettings

TYPE = "id"
_ASK = (
    "query Definition($namespace: String!, $key: String!)"
    " { metafieldDefinitions(ownerType: CUSTOMER, namespace: $namespace, key: $key, first: 1)"
    " { nodes { id type { name } capabilities { uniqueValues { enabled } } } } }"
)
_MAKE = (
    "mutation Define($definition: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $definition)"
    " { createdDefinition { id } userErrors { field message code } } }"
)


@dataclass(slots=True)
class Definitions:
    """Looked up once per connection; made where it is missing, before the first customer is."""

    client: Client
    settings: ShopifySettings
    fine: bool = field(default=False, init=False)

    def ensure_key(self) -> None:
        """Raises MisconfiguredError where the key cannot be unique."""
        if self.fine:
            return
        held = self._held()
        if held is None:
            self._make()
        elif not _is_unique(held):
            raise MisconfiguredError(f"{self._name} is no metafield of type {TYPE} with unique values; {self._remedy}")
        self.fine = True

    @property
    def there(self) -> bool:
        """Whether any customer can bear our key."""
        return self.fine or self._held() is not None

    def finding(self) -> Finding:
        """For `doctor`."""
        held = self._held()
        if held is None:
            return Finding(
                ok=True, about="Customer key", says=f"{self._name} is not defined yet; the first create defines it"
            )
        fine = _is_unique(held)
        says = f"{self._name} is {'a' if fine else 'no'} metafield of type {TYPE} with unique values"
        return Finding(fine, "Customer key", says, self._remedy)

    @property
    def _name(self) -> str:
        return f"{self.settings.key_namespace}.{self.settings.key_name}"

    @property
    def _remedy(self) -> str:
        return "remove that definition, or name another key_namespace and key_name in the settings"

    def _held(self) -> Mapping[str, Any] | None:
        named = {"namespace": self.settings.key_namespace, "key": self.settings.key_name}
        nodes = self.client.ask("definition", _ASK, named)["metafieldDefinitions"]["nodes"]
        return nodes[0] if nodes else None

    def _make(self) -> None:
        """It changes no record, so it may be repeated: where it is there already, that is what was wanted."""
        definition = {
            "name": "Concordat key",
            "namespace": self.settings.key_namespace,
            "key": self.settings.key_name,
            "ownerType": "CUSTOMER",
            "type": TYPE,
            "capabilities": {"uniqueValues": {"enabled": True}},
        }
        told = self.client.submit("define", _MAKE, {"definition": definition})["metafieldDefinitionCreate"]
        errors = [error for error in told["userErrors"] if error.get("code") != "TAKEN"]
        if errors:
            raise MisconfiguredError(f"Shopify does not let us define {self._name}: {errors[0]['message']}")


def _is_unique(held: Mapping[str, Any]) -> bool:
    return bool(held["type"]["name"] == TYPE and held["capabilities"]["uniqueValues"]["enabled"])
