"""A data centre of Kingdee 云星空 to practise on: the WebAPI over a `connectors.testing` world, on loopback.

    world = World(seed=7)
    centre = KingdeeSimulator(world.add("erp", *standard_kinds(), zone="Asia/Shanghai"))
    with centre: KingdeeConnector(..., url=centre.url, acct_id=centre.app.acct_id, ...)

`answer` serves a request without a socket. `requests` lists the services that were called, for tests that count calls.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from connectors.kingdee.simulated.documents import Documents
from connectors.kingdee.simulated.operations import Operations
from connectors.kingdee.simulated.queries import Queries
from connectors.kingdee.simulated.replies import LOCKED, Done, GatewayError, KingdeeError, refused, result
from connectors.kingdee.simulated.rows import Rows
from connectors.kingdee.simulated.saving import Saving, models
from connectors.kingdee.simulated.sessions import COOKIE, App, Sessions
from connectors.testing.exchange import HungUp, Reply, Request, gateway_page, maintenance_page
from connectors.testing.faults import Fault
from connectors.testing.metadata import Refusal
from connectors.testing.serving import Served
from connectors.testing.system import System

PATH = "k3cloud/"
SHUFFLED = "shuffled_results"  # the answer to a batch tells its items in another order
SHORT = "short_results"  # the answer to a batch leaves its last item out
CUT_BODY = "cut_body"
_ENDING = ".common.kdsvc"
_SAVES = frozenset({"Save", "BatchSave", "Draft"})
_OPERATIONS: Mapping[str, str] = {"Submit": "submit", "Audit": "audit", "UnAudit": "unaudit", "Delete": "delete"}
_PAGED = frozenset({"changes", "keys"})
_LOGINS = frozenset({"ValidateUser", "LoginByAppSecret", "LoginBySign"})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How this data centre behaves where they differ."""

    most_rows: int = 2000  # of a query, however many are asked for
    idle: timedelta = timedelta(minutes=20)  # of a session
    hidden: frozenset[str] = frozenset()  # ids that the user's data rights leave out without a word


class KingdeeSimulator(Served[Request]):
    """One data centre. Usable as a context manager, which starts and closes the server."""

    asks = Request

    def __init__(self, system: System, *, app: App | None = None, behaviour: Behaviour | None = None) -> None:
        """`system` holds state and faults."""
        how = behaviour or Behaviour()
        self.system = system
        self.app = app or App()
        self.url = ""  # where it is served, with its path
        self.requests: list[str] = []  # services, in the order in which they were called
        self.sessions = Sessions(self.app, system, idle=how.idle)
        rows = Rows(system, self.app.user)
        self.queries = Queries(system, rows, most_rows=how.most_rows, hidden=how.hidden)
        self.operations = Operations(system, rows)
        self._saving = Saving(system)
        self._documents = Documents(system)

    # -- without a socket ---------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        """Serve one request. Raises `HungUp` where the connection breaks instead."""
        with self.system.lock:
            reply = self._guarded(request)
        headers = {**reply.headers, "Date": format_datetime(self.system.now(), usegmt=True)}
        return Reply(reply.status, reply.body, headers, reply.content_type, reply.cut)

    def _guarded(self, request: Request) -> Reply:
        service = request.path.rpartition("/")[2].removesuffix(_ENDING).rpartition(".")[2]
        self.requests.append(service)
        try:
            if service in _LOGINS:
                return self._login(service, _body(request))
            self.sessions_lost(service)
            self.sessions.check(request.path, request.headers)
            body = _body(request)
            if service == "ExecuteBillQuery":
                return self._query(body)
            return self._served(service, body)
        except GatewayError as error:
            return Reply(519, error.body())
        except KingdeeError as error:
            told = refused(error)
            return Reply(200, [[told]] if service == "ExecuteBillQuery" else told)

    def sessions_lost(self, service: str) -> None:
        """Whether the system forgets who is there just before this call."""
        if self._strikes(Fault.TOKEN_EXPIRED, service):
            self.sessions.lose()

    def _login(self, service: str, body: Mapping[str, Any]) -> Reply:
        self._befalls_read("login")
        told, session = self.sessions.login(service, list(body.get("parameters") or ()))
        cookies = {"Set-Cookie": f"{COOKIE}={session}; path=/; HttpOnly"} if session else {}
        return Reply(200, told, cookies)

    def _query(self, body: Mapping[str, Any]) -> Reply:
        asked = _data(body)
        site = self.queries.site(asked)
        early = self._befalls_read(site)
        if early is not None:
            return early
        self._charge(site)
        if site in _PAGED:
            self.system.turn_page(site, str(asked.get("FormId", "")))
        return Reply(200, self.queries.answer(asked), cut=self._strikes(CUT_BODY, site))

    def _served(self, service: str, body: Mapping[str, Any]) -> Reply:
        form, data = _form(body), _data(body)
        if service in {"View", "QueryBusinessInfo"}:
            site = "read" if service == "View" else "describe"
            early = self._befalls_read(site)
            if early is not None:
                return early
            self._charge(site)
            return Reply(
                200, self._documents.view(form, data) if service == "View" else self._documents.business_info(data)
            )
        if service in _SAVES:
            site = "create" if self._saving.creates(form, data) else "update"
            return self._written(site, lambda cut: self._saved(service, form, data, cut), len(models(data)))
        operation = str(body.get("opNumber") or "") if service == "ExcuteOperation" else service
        site = _OPERATIONS.get(operation) or ("archive" if operation == "Forbid" else "update")
        if service != "ExcuteOperation" and service not in _OPERATIONS:
            raise KingdeeError(9, f"服务“{service}”不存在")
        return self._written(site, lambda cut: self.operations.each(operation, form, data)[:cut], 0)

    def _saved(self, service: str, form: str, data: Mapping[str, Any], cut: int | None) -> list[Done]:
        draft = service == "Draft"
        return [self._saving.save(form, model, data, draft=draft) for model in list(models(data))[:cut]]

    # -- what befalls a call ------------------------------------------------------------------------------------------

    def _written(self, site: str, write: Any, count: int) -> Reply:
        if self._strikes(Fault.LOST_BEFORE, site):
            raise HungUp
        self._befalls_any(site)
        if self._strikes(Fault.BODY_ERROR, site):
            raise KingdeeError(13, LOCKED)
        self._charge(site)
        if count and self._strikes(Fault.LOST_MIDWAY, site):
            write(int(self.system.faults.fraction(Fault.LOST_MIDWAY, f"{self.system.name}.{site}") * count))
            raise HungUp
        items = write(None)
        if site != "create" and self._strikes(Fault.DOUBLE_EXECUTION, site):  # no key is unique there: it would be two
            write(None)
        if self._strikes(Fault.LOST_AFTER, site):
            raise HungUp
        if self._strikes(Fault.GATEWAY_AFTER, site):
            return gateway_page()
        return Reply(200, result(items, self._order(site, len(items))), cut=self._strikes(CUT_BODY, site))

    def _order(self, site: str, count: int) -> list[int] | None:
        if self._strikes(SHUFFLED, site):
            return list(reversed(range(count)))
        return list(range(count - 1)) if self._strikes(SHORT, site) else None

    def _befalls_read(self, site: str) -> Reply | None:
        if self._strikes(Fault.LOST_BEFORE, site):
            raise HungUp
        self._befalls_any(site)
        if self._strikes(Fault.PAGE_ERROR, site):
            raise KingdeeError(4, "系统异常：未将对象引用设置到对象的实例")
        return maintenance_page() if self._strikes(Fault.BODY_ERROR, site) else None

    def _befalls_any(self, site: str) -> None:
        if self.system.forbids(site):
            raise KingdeeError(2, "您没有该操作的权限")
        if self._strikes(Fault.THROTTLED, site):
            raise KingdeeError(14, "调用次数超过限制，请稍后再试")
        if self._strikes(Fault.SERVER_ERROR, site):
            raise KingdeeError(13, "服务器繁忙，请稍后再试")

    def _strikes(self, fault: str, site: str) -> bool:
        return self.system.faults.strikes(fault, f"{self.system.name}.{site}")

    def _charge(self, site: str) -> None:
        try:
            self.system.charge(site)
        except Refusal:
            raise KingdeeError(14, "今日调用次数已用完") from None

    # -- over HTTP ----------------------------------------------------------------------------------------------------

    def serve_at(self, *urls: str) -> None:
        """`url` says where, with its path."""
        self.url = f"{urls[0]}/{PATH}"


def _body(request: Request) -> Mapping[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        raise KingdeeError(8, "请求参数不是有效的JSON") from None
    if not isinstance(body, Mapping):
        raise KingdeeError(8, "请求参数不是有效的JSON")
    return body


def _form(body: Mapping[str, Any]) -> str:
    """`{"formid", "data"}`, or `{"parameters": [form, data]}`."""
    named = next((value for name, value in body.items() if name.lower() == "formid"), None)
    parameters = body.get("parameters")
    if named is None and isinstance(parameters, list) and parameters and not str(parameters[0]).startswith("{"):
        named = parameters[0]
    return str(named or "")


def _data(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object of a call, however it is wrapped."""
    parameters = body.get("parameters")
    data = body.get("data", parameters[-1] if isinstance(parameters, list) and parameters else {})
    try:
        found = json.loads(data) if isinstance(data, str) else data
    except ValueError:
        raise KingdeeError(8, "data 不是有效的JSON") from None
    return found if isinstance(found, Mapping) else {}
