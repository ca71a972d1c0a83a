"""What bodies mean, as a table: HTTP says 200 to all of them."""

from typing import Any

import pytest

from connectors.errors import MisconfiguredError, RejectedError, StaleError, TransientError, UncertainError
from connectors.kingdee.answers import Entity, call_error, item_error, outcome, refusal, status_of

SAID = "字段“客户名称”是必填项"


def body(
    *, success: object = False, code: object = 11, errors: list[Any] | None = None, done: list[Any] | None = None
) -> dict[str, Any]:
    told = {"IsSuccess": success, "MsgCode": code, "Errors": errors or [], "SuccessEntitys": done or []}
    return {"Result": {"ResponseStatus": told}}


def error(message: str, index: object = 0, field: object = None) -> dict[str, Any]:
    return {"FieldName": field, "Message": message, "DIndex": index}


def entity(number: object, index: object = 0) -> dict[str, Any]:
    return {"Id": number, "Number": "C1", "DIndex": index}


@pytest.mark.parametrize("nothing", [None, [], [[]], [[1, "C1"]], {}, {"Result": None}, {"Result": {"Id": 1}}, "x", 7])
def test_a_body_without_a_status_says_nothing_of_itself(nothing: object) -> None:
    assert status_of(nothing) is None


def test_the_failure_of_a_query_stands_in_its_first_cell() -> None:
    status = status_of([[body(errors=[error("x")])]])
    assert status is not None
    assert (status.success, status.first.message) == (False, "x")


@pytest.mark.parametrize(
    ("told", "success"), [(True, True), ("true", True), ("True", True), ("false", False), (1, False)]
)
def test_success_may_be_spelled_as_text(told: object, success: bool) -> None:
    status = status_of(body(success=told))
    assert status is not None
    assert status.success is success


@pytest.mark.parametrize(
    ("message", "code", "kind", "named"),
    [
        (SAID, 11, RejectedError, "required"),
        ("编码“C1”重复", 11, RejectedError, "duplicate"),
        ("名称已存在", 11, RejectedError, "duplicate"),
        ("违反字段唯一性要求", 11, RejectedError, "duplicate"),
        ("数据已被禁用，不允许修改", 11, RejectedError, "forbidden"),
        ("没有保存权限", 11, RejectedError, "permission"),
        ("数据已审核，不允许修改", 11, StaleError, "audited"),
        ("内码为7的数据不存在或已被删除", 10, StaleError, "gone"),
        ("网络控制：该记录正在被其他用户操作", 13, TransientError, "locked"),
        ("调用次数超过限制", 14, TransientError, "throttled"),
        ("会话信息已丢失，请重新登录", 11, UncertainError, "session_lost"),
        ("未将对象引用设置到对象的实例", 4, UncertainError, "4"),
        ("数据库操作失败", 6, UncertainError, "6"),
        ("校验不通过", 11, RejectedError, "11"),
    ],
)
def test_a_refusal_of_one_record_is_known_by_its_words(message: str, code: int, kind: type, named: str) -> None:
    status = status_of(body(code=code, errors=[error(message)]))
    assert status is not None
    got = outcome(status, 0, 1)
    assert not isinstance(got, Entity)
    assert type(got) is kind
    assert got.code == named
    assert message in str(got)


def test_a_reference_that_is_not_there_is_the_records_fault() -> None:
    status = status_of(body(errors=[error("字段“结算币别”的值不存在", field="FTRADINGCURRID")]))
    assert status is not None
    got = item_error(status.first, status.code)
    assert isinstance(got, RejectedError)
    assert got.field == "FTRADINGCURRID"


@pytest.mark.parametrize(
    ("told", "place", "count", "kind"),
    [
        (body(success=True, done=[entity(7)]), 0, 1, Entity),
        (body(success=True, done=[entity("7", "0")]), 0, 1, Entity),
        (body(success=True, done=[entity(7, None)]), 0, 1, Entity),  # a single one needs no place
        (body(success=True, done=[entity(7, None)]), 0, 2, UncertainError),
        (body(success=True, done=[entity("")]), 0, 1, UncertainError),  # success without an id
        (body(success=True), 0, 1, UncertainError),
        (body(done=[entity(7, 1)], errors=[error(SAID, 0)]), 1, 2, Entity),
        (body(done=[entity(7, 1)], errors=[error(SAID, 0)]), 0, 2, RejectedError),
        (body(done=[entity(7, 0)], errors=[error(SAID, 0)]), 0, 2, UncertainError),  # both
        (body(errors=[error(SAID, 0)]), 1, 2, UncertainError),  # neither
        (body(errors=[error(SAID, None)]), 0, 1, RejectedError),
    ],
)
def test_an_item_is_written_only_by_an_id_under_its_own_place(
    told: dict[str, Any], place: int, count: int, kind: type
) -> None:
    status = status_of(told)
    assert status is not None
    assert isinstance(outcome(status, place, count), kind)


@pytest.mark.parametrize(
    ("code", "done", "kind"),
    [
        (13, [], TransientError),
        (14, [], TransientError),
        (2, [], MisconfiguredError),
        (7, [], MisconfiguredError),
        (15, [], MisconfiguredError),
        (13, [entity(7)], None),  # a part of it was done
        (4, [], None),  # an exception may have come after something was done
        (11, [], None),
    ],
)
def test_a_whole_call_fails_only_where_nothing_was_done(code: int, done: list[Any], kind: type | None) -> None:
    status = status_of(body(code=code, errors=[error("x")], done=done))
    assert status is not None
    assert type(call_error(status)) is (kind or type(None))


@pytest.mark.parametrize(("code", "done", "lost"), [(1, [], True), (1, [entity(7)], False), (4, [], False)])
def test_a_session_is_lost_by_its_code_and_before_anything_was_done(code: int, done: list[Any], lost: bool) -> None:
    status = status_of(body(code=code, errors=[error("会话信息已丢失，请重新登录")], done=done))
    assert status is not None
    assert status.lost_session is lost


@pytest.mark.parametrize(
    ("code", "kind"),
    [(13, TransientError), (14, TransientError), (4, TransientError), (9, MisconfiguredError), (2, MisconfiguredError)],
)
def test_a_question_that_is_refused_is_asked_again_or_halts(code: int, kind: type) -> None:
    status = status_of(body(code=code, errors=[error("x", field="FNoSuch")]))
    assert status is not None
    assert type(refusal(status)) is kind
