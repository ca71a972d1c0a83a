"""A request as Salesforce reads it, and how it refuses one."""

import json
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.simulated.faults import ApiError
from connectors.testing import exchange
from connectors.testing.exchange import Reply


@dataclass(frozen=True, slots=True)
class Request(exchange.Request):
    """One request, with a body in JSON."""

    def json(self) -> Any:
        """The body, or JSON_PARSER_ERROR."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise ApiError(400, "JSON_PARSER_ERROR", "The HTTP entity body is not readable JSON") from None

    def fields(self) -> dict[str, Any]:
        """The body of a call about one record."""
        body = self.json()
        if not isinstance(body, dict):
            raise ApiError(400, "JSON_PARSER_ERROR", "The HTTP entity body must be one object")
        return body


def refused(error: ApiError) -> Reply:
    """The answer to a call that is refused as a whole."""
    return Reply(error.status, error.top_level())
