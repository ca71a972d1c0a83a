"""Every query of the dashboard finds something in a real Prometheus that has read a full exporter."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitoring.dashboard import queries
from monitoring.metrics import CONTENT_TYPE, expose
from tests.monitoring.test_metrics import FULL, counted
from tests.real.prometheus.conftest import until

pytestmark = [pytest.mark.debian, pytest.mark.slow]


@pytest.fixture
def exporter() -> Iterator[str]:
    counts = counted()

    async def metrics(_: Request) -> Response:
        return Response(expose(FULL) + counts.text(), media_type=CONTENT_TYPE)

    app = Starlette(routes=[Route("/metrics", metrics)])
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning")
    server, listening = uvicorn.Server(config), config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    listening.close()


def test_every_query_of_the_dashboard_finds_something(exporter: str, prometheus: Callable[..., str]) -> None:
    address = prometheus(exporter)

    def ask(query: str) -> Any:
        answer = httpx.get(f"{address}/api/v1/query", params={"query": query}).json()
        assert answer["status"] == "success", (query, answer)
        return answer["data"]["result"]

    until(lambda: ask("increase(concordat_logins_total[1h])"), "the second scrape")
    assert [query for query in sorted(set(queries())) if not ask(query)] == []
