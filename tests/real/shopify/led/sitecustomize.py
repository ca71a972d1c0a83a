"""Runs at the start of a Python that others' programs run in: what they send to a shop by HTTPS goes to SHOP_AT.

Those programs know no other address than `https://….myshopify.com`. Nothing else of them is changed.
"""

import os
import urllib.request
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, sessions
from requests.adapters import HTTPAdapter

_AT = os.environ["SHOP_AT"]
_HOST = ".myshopify.com"


def _there(url: str) -> str:
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(_HOST):
        message = f"{url} is no shop: this process may speak to nobody else"
        raise OSError(message)
    return f"{_AT}{parts.path}" + (f"?{parts.query}" if parts.query else "")


class _Leading(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        at, method = _there(req.full_url), req.get_method()
        led = urllib.request.Request(at, req.data, {**req.headers}, method=method)  # noqa: S310 - to loopback
        answer: HTTPResponse = self.parent.open(led, timeout=req.timeout)
        return answer


class _Led(HTTPAdapter):
    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        request.url = _there(str(request.url))
        return super().send(request, *args, **options)


vars(sessions)["HTTPAdapter"] = _Led  # what every session of `requests` begins with
urllib.request.install_opener(urllib.request.build_opener(_Leading, urllib.request.ProxyHandler({})))
