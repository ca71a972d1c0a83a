"""Errors the simulated system answers with."""

from collections.abc import Mapping, Sequence
from typing import Any, Self


class ApiError(Exception):
    """An answer that is not a success: a status, and a list of errors as the real one words them."""

    def __init__(
        self, status: int, code: str, message: str, *, fields: Sequence[str] | None = None, **more: Any
    ) -> None:
        """`more` goes into the error as it is (duplicateResult)."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.more: Mapping[str, Any] = more

    @classmethod
    def malformed(cls, message: str) -> Self:
        """A query that cannot be read."""
        return cls(400, "MALFORMED_QUERY", message)

    def top_level(self) -> list[dict[str, Any]]:
        """The error as a whole answer tells it: with `errorCode`."""
        named = {} if self.fields is None else {"fields": list(self.fields)}
        return [{"message": self.message, "errorCode": self.code, **named, **self.more}]

    def as_item(self) -> dict[str, Any]:
        """The error as one row of a collection tells it: with `statusCode`."""
        error = {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ()), **self.more}
        return {"success": False, "errors": [error]}
