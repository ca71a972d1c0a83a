"""What an answer of Kingdee means. HTTP says 200 either way; only the body tells, and it tells in Chinese.

A refusal is known by its MsgCode where that says enough, else by words that stand in it. What neither knows is a
refusal of this very record; the message is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.errors import (
    ConnectorError,
    MisconfiguredError,
    RejectedError,
    StaleError,
    TransientError,
    UncertainError,
    WriteError,
)

SESSION_LOST = 1
BUSY = frozenset({13, 14})  # another one holds the record; too many calls
UNKNOWN = frozenset({4, 6})  # an exception, a failed database operation: what was done before it is not told
BLOCKED = frozenset({2, 7, 15})  # permission, licence, the administrator may not log in
WRONG_CALL = frozenset({3, 5, 8, 9})  # parameters, a field that is not there: the whole call
_LOST_WORDS = ("会话信息已丢失", "会话已失效")
_LONGEST = 300
_WORDS: tuple[tuple[tuple[str, ...], type[WriteError] | Any, str], ...] = (
    (_LOST_WORDS, UncertainError, "session_lost"),
    (("网络控制", "网控", "正在被", "已被锁定"), TransientError, "locked"),
    (("调用次数", "调用频率", "请稍后"), TransientError, "throttled"),
    (("禁用",), RejectedError, "forbidden"),
    (("重复", "已存在", "已经存在", "唯一"), RejectedError, "duplicate"),
    (("必填", "必录"), RejectedError, "required"),
    (("权限",), RejectedError, "permission"),
    (("已审核",), StaleError, "audited"),
)
_GONE = ("不存在", "已删除", "已被删除")


class SessionLostError(ConnectorError):
    """The system no longer knows who calls; it has done nothing."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error as told: about which item of a batch (None: it does not say), about which field."""

    message: str
    field: str = ""
    index: int | None = None

    def __str__(self) -> str:
        """One line for a person."""
        about = f"{self.field}: " if self.field else ""
        return f"{about}{' '.join(self.message.split())[:_LONGEST]}"


@dataclass(frozen=True, slots=True)
class Entity:
    """A record that the system says it has written."""

    id: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What an answer says of itself."""

    success: bool
    code: int = 0  # MsgCode
    complaints: tuple[Complaint, ...] = ()
    done: Mapping[int, Entity] = field(default_factory=dict)  # by place in the batch; an entity without one is left out
    unplaced: tuple[Entity, ...] = ()

    @property
    def first(self) -> Complaint:
        """The first complaint, or one that says that there is none."""
        return self.complaints[0] if self.complaints else Complaint(f"no reason given (MsgCode {self.code})")

    @property
    def wrote_nothing(self) -> bool:
        """It failed, and names nothing that it has done before."""
        return not self.success and not self.done and not self.unplaced

    @property
    def lost_session(self) -> bool:
        """By the code, which the system gives before it looks at what was asked for."""
        return self.code == SESSION_LOST and self.wrote_nothing


def status_of(body: Any) -> Status | None:
    """Read what an answer says of itself, wherever it says it; None where it says nothing."""
    if isinstance(body, list) and body and isinstance(body[0], list) and body[0]:
        body = body[0][0]  # a query's failure stands in its first cell
    result = body.get("Result") if isinstance(body, Mapping) else None
    told = result.get("ResponseStatus") if isinstance(result, Mapping) else None
    return _status(told) if isinstance(told, Mapping) else None


def _status(told: Mapping[str, Any]) -> Status:
    complaints = tuple(_complaint(one) for one in _list(told.get("Errors")))
    entities = [(_index(one), _entity(one)) for one in _list(told.get("SuccessEntitys"))]
    return Status(
        true(told.get("IsSuccess")),
        _number(told.get("MsgCode")) or 0,
        complaints,
        {place: entity for place, entity in entities if place is not None and entity.id},
        tuple(entity for place, entity in entities if place is None),
    )


def true(value: Any) -> bool:
    """Some answers spell their flags as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def _complaint(one: Mapping[str, Any]) -> Complaint:
    return Complaint(str(one.get("Message") or ""), str(one.get("FieldName") or ""), _index(one))


def _entity(one: Mapping[str, Any]) -> Entity:
    return Entity(str(one.get("Id") or ""), str(one.get("Number") or ""))


def _index(one: Mapping[str, Any]) -> int | None:
    return _number(one.get("DIndex"))


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else None


def _list(value: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def refusal(status: Status) -> ConnectorError:
    """The error of a question that was not answered."""
    said, code = f"Kingdee refuses to answer: {status.first}", str(status.code)
    if status.code in BUSY or status.code in UNKNOWN:
        return TransientError(f"{said}; try again later", code=code)
    if status.code in WRONG_CALL:
        said += "; check the names of fields and forms in the map and in the settings, to the letter"
    return MisconfiguredError(said, code=code, field=status.first.field)


def call_error(status: Status) -> ConnectorError | None:
    """The error of a whole write call, where it surely did nothing at all and no record is to blame."""
    if not status.wrote_nothing:
        return None
    code = str(status.code)
    if status.code in BUSY:
        return TransientError(f"Kingdee could not take this just now: {status.first}", code=code)
    if status.code in BLOCKED:
        remedy = "give the connection's user that right, or see to the licence"
        return MisconfiguredError(f"Kingdee refuses the call: {status.first}; {remedy}", code=code)
    return None


def item_error(complaint: Complaint, code: int) -> WriteError:
    """What a complaint means for the one record it is about."""
    said = f"Kingdee refuses this record: {complaint}"
    for words, kind, name in _WORDS:
        if any(word in complaint.message for word in words):
            return _made(kind, said, name, complaint.field)
    if code in UNKNOWN:
        return UncertainError(f"Kingdee does not say what became of this record: {complaint}", code=str(code))
    if not complaint.field and any(word in complaint.message for word in _GONE):
        return StaleError(f"this record is no longer there in Kingdee: {complaint}", code="gone")
    return RejectedError(said, code=str(code), field=complaint.field)


def _made(kind: type[WriteError], said: str, code: str, field_: str) -> WriteError:
    return kind(said, code=code, field=field_)


def outcome(status: Status, place: int, count: int) -> Entity | WriteError:
    """What became of one item. Success is an id under its own place; anything less is told as it is."""
    complaint = next((one for one in status.complaints if one.index == place), None)
    if complaint is None and count == 1 and status.complaints:
        complaint = status.first  # a single record's complaint needs no place
    if place in status.done:
        return status.done[place] if complaint is None or not _same(status, complaint) else _torn()
    if count == 1 and status.success and len(status.unplaced) == 1 and status.unplaced[0].id:
        return status.unplaced[0]
    if complaint is not None:
        return item_error(complaint, status.code)
    return _torn()


def _same(status: Status, complaint: Complaint) -> bool:
    return not status.success and complaint.index is not None


def _torn() -> UncertainError:
    return UncertainError("Kingdee answered a batch without a clear result for this record", code="unclear")
