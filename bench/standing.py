"""What the benchmarks stand on: a server in a process of its own, a house that reads from it, and figures."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.book import write_book
from mappings.book import Book
from sync_pipelines.flow.run import House
from sync_pipelines.settings import Place, open_house, read_book

TOP = Path(__file__).parents[1]
NO_LIMIT: Mapping[str, int] = {}
_MEBIBYTE = 1024  # ru_maxrss counts in KiB


def line(says: str) -> None:
    """To whoever looks on."""
    print(says, flush=True)  # noqa: T201 - a benchmark prints its figures


@contextmanager
def pages(count: int, pause: float = 0.0, *, size: int = 1000, edited: int = 0) -> Iterator[str]:
    """A server of prepared pages, ready; its address."""
    told = ["--count", str(count), "--pause", str(pause), "--size", str(size), "--edited", str(edited)]
    with child("bench.pages", *told) as url:
        yield url


@contextmanager
def child(module: str, *told: str) -> Iterator[str]:
    """A process that says where it is on its first line, and ends when its input does."""
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module, *told], cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin  # noqa: S101 - it was asked for
        assert server.stdout  # noqa: S101 - likewise
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


@contextmanager
def house_on(
    urls: Mapping[str, str], home: Path, settings: Mapping[str, str], calls_per_second: Mapping[str, int] = NO_LIMIT
) -> Iterator[House]:
    """The engine as a deployment has it: book and ledger in a folder, connections from the environment.

    `settings` hold for the connection of every system.
    """
    book = bench_book(home, tuple(urls), calls_per_second)
    for system, url in urls.items():
        told = {"url": url, "on_premise": "true", "client_id": "bench", "client_secret": "bench", **settings}
        os.environ |= {f"CONCORDAT_{system}_{name}".upper(): value for name, value in told.items()}
    with open_house(Place(home / "book", f"sqlite:///{(home / 'ledger.sqlite').absolute()}"), book=book) as house:
        yield house


def bench_book(home: Path, systems: tuple[str, ...], calls_per_second: Mapping[str, int] = NO_LIMIT) -> Book:
    """The rules of the benchmarks, in a folder."""
    return read_book(Place(write_book(home / "book", systems, calls_per_second), ""))


@dataclass(slots=True)
class Measured:
    """Of one step. Memory is the highest that the process ever had."""

    wall: float = 0.0
    cpu: float = 0.0
    memory: float = 0.0  # MiB


@contextmanager
def measured() -> Iterator[Measured]:
    """Wall and processor time of what stands in the block."""
    figures, wall, cpu = Measured(), time.perf_counter(), time.process_time()
    try:
        yield figures
    finally:
        figures.wall, figures.cpu = time.perf_counter() - wall, time.process_time() - cpu
        figures.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEBIBYTE
