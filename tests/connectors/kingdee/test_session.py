"""Ways to sign in, sessions that get lost, and answers that mean no."""

from datetime import timedelta

import pytest

from connectors.contract import Update, Written
from connectors.errors import MisconfiguredError, TransientError, UncertainError
from connectors.kingdee.connector import KingdeeConnector
from connectors.kingdee.simulated.sessions import App
from connectors.kingdee.simulator import CUT_BODY, Behaviour, KingdeeSimulator
from connectors.testing.world import Fault, System
from tests.connectors.kingdee.conftest import Open
from tests.connectors.kingdee.hands import Connect, create, customers, ref, sorts, told

WAYS = ["signed", "password", "app_secret", "sign"]
LOGINS = {"password": "ValidateUser", "app_secret": "LoginByAppSecret", "sign": "LoginBySign"}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_sign_in_reads_and_writes(
    way: str, centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    customers(erp, 2)
    connector = connectors(centre, sign_in=way)
    assert len(told(connector)) == 2
    assert sorts(connector.create([create("new")])) == [Written]
    assert [one for one in centre.requests if one in LOGINS.values()] == ([LOGINS[way]] if way in LOGINS else [])


@pytest.mark.parametrize("way", WAYS)
def test_a_lost_session_is_answered_by_one_login_and_the_same_read(
    way: str, centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    customers(erp, 2)
    connector = connectors(centre, sign_in=way)
    list(connector.keys("BD_Customer"))
    erp.faults.force(Fault.TOKEN_EXPIRED, "erp.ExecuteBillQuery")
    assert [len(page) for page in connector.keys("BD_Customer")] == [2]
    assert centre.sessions.opened == (0 if way == "signed" else 2)


def test_a_session_that_idled_out_is_made_anew(open_centre: Open, connectors: Connect, erp: System) -> None:
    centre = open_centre(behaviour=Behaviour(idle=timedelta(minutes=20)))
    connector = connectors(centre, sign_in="password")
    list(connector.keys("BD_Customer"))
    erp.clock.advance(timedelta(minutes=21))
    list(connector.keys("BD_Customer"))
    assert centre.sessions.opened == 2


@pytest.mark.parametrize("way", WAYS)
def test_a_write_that_met_a_lost_session_was_not_done_and_is_sent_once_more(
    way: str, centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    connector = connectors(centre, sign_in=way)
    erp.faults.force(Fault.TOKEN_EXPIRED, "erp.BatchSave")
    assert sorts(connector.create([create("once")])) == [Written]
    assert len(erp.living("BD_Customer")) == 1
    assert centre.requests.count("BatchSave") == 2


def test_a_session_that_is_lost_again_at_once_halts_the_system(
    centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System
) -> None:
    erp.faults.force(Fault.TOKEN_EXPIRED, "erp.ExecuteBillQuery")
    erp.faults.force(Fault.TOKEN_EXPIRED, "erp.ExecuteBillQuery", nth=1)
    with pytest.raises(MisconfiguredError, match=r"会话信息已丢失.*check acct_id"):
        list(kingdee.keys("BD_Customer"))
    assert len(centre.requests) == 2


def test_a_lost_session_that_is_told_by_words_alone_leaves_a_write_open(
    centre: KingdeeSimulator, kingdee: KingdeeConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its code it may have come up in the middle of the work."""
    plain = centre.answer

    def answer(request):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - stands in for a method
        reply = plain(request)
        if "BatchSave" in request.path:
            status = reply.body["Result"]["ResponseStatus"]
            complaint = {"FieldName": None, "Message": "会话信息已丢失，请重新登录", "DIndex": 0}
            status |= {"IsSuccess": False, "MsgCode": 4, "SuccessEntitys": [], "Errors": [complaint]}
        return reply

    monkeypatch.setattr(centre, "answer", answer)
    assert sorts(kingdee.create([create("open")])) == [UncertainError]
    assert centre.requests.count("BatchSave") == 1


def test_a_wrong_password_halts_and_is_sent_once(open_centre: Open, connectors: Connect) -> None:
    centre = open_centre(app=App(password="another"))
    with pytest.raises(MisconfiguredError, match=r"ValidateUser.*用户名或密码错误"):
        connectors(centre, sign_in="password").fingerprint()
    assert centre.requests == ["ValidateUser"]


def test_a_wrong_secret_halts_with_what_to_look_at(open_centre: Open, connectors: Connect) -> None:
    centre = open_centre(app=App(app_secret="another"))
    with pytest.raises(MisconfiguredError, match="application's authorisation"):
        connectors(centre).fingerprint()


def test_our_clock_being_wrong_is_said_by_the_gateway(centre: KingdeeSimulator, connectors: Connect) -> None:
    connector = connectors(centre)
    centre.system.skew = timedelta(hours=1)
    with pytest.raises(MisconfiguredError, match="4006"):
        connector.fingerprint()


@pytest.mark.parametrize("fault", [Fault.BODY_ERROR, Fault.THROTTLED, Fault.SERVER_ERROR, Fault.LOST_BEFORE, CUT_BODY])
def test_a_read_that_fails_for_now_is_repeated(fault: str, kingdee: KingdeeConnector, erp: System) -> None:
    made = customers(erp, 2)
    erp.faults.force(fault, "erp.read")
    assert set(kingdee.read([ref(one) for one in made])) == {ref(one) for one in made}
    assert erp.faults.fired[fault] == 1


def test_a_login_whose_answer_is_lost_is_for_another_time(
    centre: KingdeeSimulator, connectors: Connect, erp: System
) -> None:
    erp.faults.force(Fault.LOST_BEFORE, "erp.login")
    with pytest.raises(TransientError):
        connectors(centre, sign_in="password").fingerprint()


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (Fault.LOST_AFTER, UncertainError),
        (Fault.GATEWAY_AFTER, UncertainError),
        (CUT_BODY, UncertainError),
        (Fault.BODY_ERROR, TransientError),
        (Fault.THROTTLED, TransientError),
    ],
)
def test_a_write_is_never_repeated(
    fault: str, result: type, centre: KingdeeSimulator, kingdee: KingdeeConnector, erp: System
) -> None:
    (made,) = customers(erp, 1)
    erp.faults.force(fault, "erp.update")
    (got,) = kingdee.update([Update("k", ref(made), {"FTEL": "1"})])
    assert isinstance(got, result)
    assert centre.requests.count("BatchSave") == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sign_in": "signed", "app_id": ""}, "needs app_id and app_secret"),
        ({"time_zone": "Asia/Nowhere"}, "is no time zone"),
        ({"page": 20_000}, "PAGE"),
        ({"organisation": ""}, "ORGANISATION"),
        ({"key_field": "a b"}, "KEY_FIELD"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(
    options: dict[str, object], said: str, centre: KingdeeSimulator, connectors: Connect
) -> None:
    with pytest.raises(MisconfiguredError, match=said):
        connectors(centre, **options)


def test_no_secret_comes_from_the_book(centre: KingdeeSimulator, connectors: Connect) -> None:
    with pytest.raises(MisconfiguredError, match="CONCORDAT_ERP_APP_SECRET"):
        connectors(centre, app_secret="in the book")


def test_what_our_numbers_begin_with_leaves_room_for_our_keys(connectors: Connect, centre: KingdeeSimulator) -> None:
    connectors(centre, key_field="FNumber", number_prefix="CC-")
    connectors(centre, number_prefix="CONCORDAT-")  # our key has a field of its own
    with pytest.raises(MisconfiguredError, match="number_prefix takes 3 signs"):
        connectors(centre, key_field="FNumber", number_prefix="CON-")
