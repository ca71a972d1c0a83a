"""Answers in the vendor's envelopes, all with HTTP 200, and errors in its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LOST = "会话信息已丢失，请重新登录"
LOCKED = "网络控制：该记录正在被其他用户操作"


class KingdeeError(Exception):
    """A refusal: a MsgCode, a message, and where it names one a field."""

    def __init__(self, code: int, message: str, *, field: str = "") -> None:
        """`field` as the form calls it."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class GatewayError(Exception):
    """Refused before the application sees it: HTTP 519."""

    def __init__(self, code: int, message: str) -> None:
        """`code` is the gateway's."""
        super().__init__(message)
        self.code = code
        self.message = message

    def body(self) -> dict[str, Any]:
        """What the gateway says."""
        return {"errcode": self.code, "description": self.message, "description_cn": self.message}


@dataclass(frozen=True, slots=True)
class Done:
    """One item of a batch: written, or refused."""

    id: str = ""
    number: str = ""
    error: KingdeeError | None = None


def result(items: Sequence[Done], order: Sequence[int] | None = None) -> dict[str, Any]:
    """The answer to a batch; `order` shuffles or shortens what it tells, never the places it names."""
    told = [(place, items[place]) for place in (range(len(items)) if order is None else order)]
    failed = [(place, item) for place, item in told if item.error is not None]
    status = {
        "ErrorCode": 500 if failed else 0,
        "IsSuccess": not failed and not any(item.error for item in items),
        "Errors": [_error(place, item.error) for place, item in failed if item.error],
        "SuccessEntitys": [
            {"Id": int(item.id), "Number": item.number, "DIndex": place} for place, item in told if item.error is None
        ],
        "SuccessMessages": [],
        "MsgCode": failed[0][1].error.code if failed and failed[0][1].error else 0,
    }
    first = next((item for _, item in told if item.error is None), Done())
    return {
        "Result": {
            "ResponseStatus": status,
            "Id": int(first.id) if first.id else "",
            "Number": first.number,
            "NeedReturnData": [{}],
        }
    }


def refused(error: KingdeeError) -> dict[str, Any]:
    """The answer to a call that is refused as a whole."""
    status = {
        "ErrorCode": 500,
        "IsSuccess": False,
        "Errors": [_error(0, error)],
        "SuccessEntitys": [],
        "SuccessMessages": [],
        "MsgCode": error.code,
    }
    return {"Result": {"ResponseStatus": status, "Id": "", "Number": ""}}


def _error(place: int, error: KingdeeError) -> dict[str, Any]:
    return {"FieldName": error.field or None, "Message": error.message, "DIndex": place}
