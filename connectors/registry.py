"""Connectors by name: the bundled ones, and those of a user's own package.

Nothing is imported before it is opened, so that a command starts at once and a package nobody named never runs.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from connectors.contract import Connector
from connectors.errors import MisconfiguredError
from connectors.seams import Seams

if TYPE_CHECKING:  # naming connectors imports nothing that takes time
    from connectors.webhooks import Webhooks

GROUP = "concordat.connectors"
WEBHOOKS = "concordat.webhooks"
Factory: TypeAlias = Callable[[str, Mapping[str, Any], Seams], Connector]  # system, options of the book, seams

BUNDLED: Mapping[str, str] = {
    "kingdee": "connectors.kingdee.connector",
    "memory": "connectors.testing.memory",
    "salesforce": "connectors.salesforce.connector",
    "shopify": "connectors.shopify.connector",
    "tryton": "connectors.tryton.connector",
}  # each module has `open_connector(system, options, seams)`

DIALECTS: Mapping[str, str] = {
    name: f"connectors.{name}.webhooks" for name in ("kingdee", "salesforce", "shopify", "tryton")
}  # each module has `open_webhooks(system)`


def open_connector(
    system: str,
    connector: str,
    options: Mapping[str, Any],
    seams: Seams,
    packages: Mapping[str, str] | None = None,
) -> Connector:
    """The connector of a system of the book. Raises MisconfiguredError.

    `packages` says, for connectors that are not bundled, which installed package may bring them.
    """
    if connector in BUNDLED:
        return _bundled(connector)(system, options, seams)
    package = (packages or {}).get(connector)
    if package is None:
        raise MisconfiguredError(f"{system}: no connector {connector!r}{_nearest(connector)}")
    return _foreign(system, connector, package)(system, options, seams)


def open_webhooks(system: str, connector: str, packages: Mapping[str, str] | None = None) -> "Webhooks":
    """How a system of the book announces: in the dialect of its connector, else in ours. Raises MisconfiguredError.

    A package of one's own offers a dialect in the entry point group `concordat.webhooks`, under the connector's name.
    """
    package = (packages or {}).get(connector)
    if connector in DIALECTS:
        return cast("Webhooks", import_module(DIALECTS[connector]).open_webhooks(system))
    if package is not None and any(
        _same(_package_of(one), package) for one in entry_points(group=WEBHOOKS, name=connector)
    ):
        return cast("Webhooks", _entry(system, connector, package, WEBHOOKS)(system))
    return cast("Webhooks", import_module("connectors.webhooks").open_webhooks(system))


def _bundled(connector: str) -> Factory:
    return cast("Factory", import_module(BUNDLED[connector]).open_connector)


def _foreign(system: str, connector: str, package: str) -> Factory:
    return cast("Factory", _entry(system, connector, package, GROUP))


def _entry(system: str, connector: str, package: str, group: str) -> Any:
    offered = [one for one in entry_points(group=group, name=connector) if _same(_package_of(one), package)]
    if len(offered) != 1:
        found = f"{len(offered)} times" if offered else "not at all"
        raise MisconfiguredError(
            f"{system}: the package {package} offers the connector {connector!r} {found} (entry point group {group}); "
            "is it installed here?"
        )
    try:
        return offered[0].load()
    except Exception as error:
        raise MisconfiguredError(f"{system}: {package} cannot be loaded: {type(error).__name__}: {error}") from error


def _package_of(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else ""


def _same(name: str, other: str) -> bool:
    """Package names are equal by the rule of PyPI: case, dots, dashes and underscores do not count."""
    return _plain(name) == _plain(other)


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _nearest(connector: str) -> str:
    near = get_close_matches(connector, BUNDLED, 1)
    hint = f"; is {near[0]!r} meant?" if near else f"; bundled are {', '.join(sorted(BUNDLED))}"
    return f"{hint} A connector of your own package has to be named in systems.yaml with its package"
