"""Serves the gate: one process, until it is stopped."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import uvicorn
from starlette.types import ASGIApp

from connectors.errors import MisconfiguredError

_SHORTEST_KEY = 32  # letters
_MOST_AT_ONCE = 400  # connections; who comes beyond is asked to come again


@dataclass(frozen=True, slots=True)
class Certificate:
    """Of the name under which people reach the gate. Both are files in PEM."""

    chain: Path
    key: Path


def sealing_key(told: str, home: Path) -> bytes:
    """What cookies are sealed with: as told, else a file in the house that is its owner's alone, made at first use."""
    if told:
        if len(told) < _SHORTEST_KEY:
            raise MisconfiguredError(f"CONCORDAT_GATE_KEY is too short: give {_SHORTEST_KEY} letters of chance or more")
        return told.encode()
    path = home / "gate.key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(token_hex(32))
    except FileExistsError:
        pass
    return path.read_bytes()


def serve(
    app: ASGIApp, host: str, port: int, say: Callable[[str], None], certificate: Certificate | None = None
) -> None:
    """`say` is given the address once it listens."""
    tls = {"ssl_certfile": certificate.chain, "ssl_keyfile": certificate.key} if certificate else {}
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,  # addresses hold questions; what matters is told by our own lines
        server_header=False,
        proxy_headers=False,  # whom to believe is the guard's to know
        lifespan="off",
        limit_concurrency=_MOST_AT_ONCE,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=5,
        ws_max_size=1024 * 1024,
        **tls,  # type: ignore[arg-type]  # two paths, or nothing
    )
    listening = config.bind_socket()
    address, at = listening.getsockname()[:2]
    say(f"{'https' if certificate else 'http'}://{address}:{at}")
    uvicorn.Server(config).run(sockets=[listening])
