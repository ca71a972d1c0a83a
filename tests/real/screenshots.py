"""Pictures of what people see, for docs/img: taken by headless Chromium from a demo that runs.

python -m tests.real.screenshots                  makes the demo where there is none, and starts everything
python -m tests.real.screenshots --ui URL --home DIR      of a Dagster that is up already

Debian: `apt-get install chromium`. Times and ids are those of the day, so pictures differ each time; look at them.
"""

import argparse
import base64
import html
import itertools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from websockets.sync.client import ClientConnection, connect

from connectors.contract import RecordRef, Update, Written
from sync_pipelines.settings import Place, open_house

TOP = Path(__file__).parents[2]
PICTURES = TOP / "docs" / "img"
_LONG, _SHORT, _A_MOMENT = 300, 60, 4  # seconds
_LOOKED_AT, _NEW, _EMPTY = 300, 12, 40  # accounts; their telephone numbers
_JOB = "concordat_backfill"
_CONFIG = """ops:
  read_again:
    config:
      entities: [account]
      systems: [erp]
      since: "2026-03-01"
      apply: false
"""
_PAGE = """<body style="margin:0;background:#10151f"><pre style="margin:0;padding:24px;color:#d8dee9;font:15px/1.35
'DejaVu Sans Mono',monospace">{}</pre></body>"""


# --- a browser ------------------------------------------------------------------------------------------------------


@dataclass
class Browser:
    """One page of Chromium, by its own protocol."""

    wire: ClientConnection
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def ask(self, method: str, **told: Any) -> dict[str, Any]:
        """One command, and its answer."""
        number = next(self.numbers)
        self.wire.send(json.dumps({"id": number, "method": method, "params": told}))
        while True:
            heard = json.loads(self.wire.recv(timeout=_SHORT))
            if heard.get("id") == number:
                assert "error" not in heard, heard
                found: dict[str, Any] = heard["result"]
                return found

    def says(self, script: str) -> Any:
        """What a piece of script comes to on the page."""
        return self.ask("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def open(self, url: str, width: int, height: int, *words: str) -> None:
        """Until all these words are to be seen, and a moment longer."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **size)
        self.ask("Page.navigate", url=url)
        text = "(document.body ? document.body.innerText : '')"
        there = f"{json.dumps(words)}.every(word => {text}.includes(word))"
        waited(lambda: bool(self.says(there)), f"{url} shows {', '.join(words)}")
        time.sleep(_A_MOMENT)  # letters, lines and states come after words
        waited(lambda: bool(self.says(f"!{text}.includes('fetching')")), f"{url} has fetched everything")
        time.sleep(_A_MOMENT)

    def press(self, words: str) -> None:
        """The last of what bears just these words."""
        bearers = f"[...document.querySelectorAll('*')].filter(e => !e.children.length && e.textContent == '{words}')"
        self.says(f"{bearers}.pop().click()")
        time.sleep(_A_MOMENT)

    def picture(self, name: str) -> None:
        """As it is now."""
        shot = self.ask("Page.captureScreenshot", format="png")
        PICTURES.mkdir(parents=True, exist_ok=True)
        (PICTURES / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))
        say(f"docs/img/{name}.png")


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium of its own, which knows nothing and leaves nothing."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise SystemExit("there is no chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        flags = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}", "--hide-scrollbars"]
        rootless = ["--no-sandbox"] if os.geteuid() == 0 else []
        process = subprocess.Popen([program, *flags, *rootless, "about:blank"], stderr=subprocess.DEVNULL)
        try:
            known = Path(folder) / "DevToolsActivePort"
            waited(lambda: known.exists() and len(known.read_text().splitlines()) > 1, "Chromium listens")
            port = known.read_text().splitlines()[0]
            pages = httpx.get(f"http://127.0.0.1:{port}/json").json()
            (page,) = [one for one in pages if one["type"] == "page"]
            with connect(page["webSocketDebuggerUrl"], max_size=None) as wire:
                yield Browser(wire)
        finally:
            process.terminate()
            process.wait(_SHORT)


# --- Dagster --------------------------------------------------------------------------------------------------------


@contextmanager
def dagster(home: Path) -> Iterator[str]:
    """On the demo, with its systems running."""
    command = [sys.executable, "-m", "sync_pipelines.cli", "ui", "--port", "3477"]
    environment = {**os.environ, "CONCORDAT_HOME": str(home), "PYTHONPATH": str(TOP)}
    process = subprocess.Popen(command, cwd=TOP, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield "http://127.0.0.1:3477"
    finally:
        process.terminate()
        process.wait(_LONG)


def asked(url: str, query: str, **told: Any) -> dict[str, Any]:
    """GraphQL."""
    answer = httpx.post(f"{url}/graphql", json={"query": query, "variables": told}, timeout=_SHORT).json()
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]
    return found


_PLACES = """{ repositoriesOrError { ... on RepositoryConnection {
  nodes { name location { name } pipelines { name } } } } }"""
_LAUNCH = """mutation($job: JobOrPipelineSelector!) { launchRun(executionParams: {selector: $job, mode: "default"})
  { __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
_STATUS = "query($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"


def _place(url: str) -> str:
    """The repository and its location, as addresses of pages have them."""
    nodes = asked(url, _PLACES)["repositoriesOrError"]["nodes"]
    (place,) = [one for one in nodes if _JOB in {each["name"] for each in one["pipelines"]}]
    return f"{place['name']}@{place['location']['name']}"


def run(url: str, job: str) -> None:
    """A run of a job, to its end, whichever that is."""
    nodes = asked(url, _PLACES)["repositoriesOrError"]["nodes"]
    (place,) = [one for one in nodes if job in {each["name"] for each in one["pipelines"]}]
    selector = {
        "pipelineName": job, "repositoryName": place["name"], "repositoryLocationName": place["location"]["name"],
    }  # fmt: skip
    launched = asked(url, _LAUNCH, job=selector)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    number = launched["run"]["runId"]

    def ended() -> bool:
        return asked(url, _STATUS, run=number)["runOrError"]["status"] in ("SUCCESS", "FAILURE", "CANCELED")

    waited(ended, f"{job} ends")
    say(f"{job} ran")


def answers(url: str) -> bool:
    """Whether it is up and has loaded our definitions."""
    try:
        return bool(asked(url, _PLACES)["repositoriesOrError"]["nodes"])
    except (httpx.HTTPError, ValueError, KeyError, AssertionError):
        return False


def take_back_leave(home: Path) -> None:
    """What the demo let through with its own leave holds for an hour, and then guards would hold nothing."""
    with closing(sqlite3.connect(home / "ledger.sqlite", timeout=_SHORT)) as ledger:
        ledger.execute("DELETE FROM approval")
        ledger.commit()


def unsettle(home: Path) -> None:
    """People in the CRM were busy: some telephone numbers are new, more are empty than a guard lets through."""
    os.environ["CONCORDAT_HOME"] = str(home)
    with open_house(Place.found()) as house:
        crm = house.connectors["crm"]
        ids = house.ledger.record_ids("crm", "Account")[:_LOOKED_AT]
        found = crm.read([RecordRef("crm", "Account", one) for one in ids])
        known = [record for _, record in sorted(found.items()) if record.payload.get("Phone")][: _NEW + _EMPTY]
        first = int(time.time())
        phones = [f"+49 30 5{(first + n) % 10**6:06}" if n < _NEW else None for n in range(len(known))]
        edits = [
            Update(f"edit{one.ref.id}", one.ref, {"Phone": phone}, version=one.version)
            for one, phone in zip(known, phones, strict=True)
        ]
        done = [one for one in crm.update(edits) if isinstance(one, Written)]
    say(f"{len(done)} telephone numbers were edited in the CRM")


# --- pictures -------------------------------------------------------------------------------------------------------


def play(url: str, home: Path) -> None:
    """So that there is something to see."""
    run(url, "account_sync")
    take_back_leave(home)
    unsettle(home)
    for job in ("account_sync", "concordat_reconcile"):
        run(url, job)


def take(url: str, home: Path) -> None:
    """All pictures."""
    with browser() as page:
        page.open(f"{url}/asset-groups", 1440, 900, "account", "recover", "upkeep")
        page.picture("asset_graph")
        page.open(f"{url}/assets/concordat/account/account_plan?view=overview", 1440, 1500, "account_plan", "writes")
        page.picture("plan")
        page.open(f"{url}/assets/concordat/account/account_plan?view=checks", 1440, 700, "may_be_applied", "Failed")
        page.picture("check")
        page.open(f"{url}/assets/concordat/account/account_plan?view=overview", 1440, 900, "account_plan", "lineage")
        page.press("[Show Markdown]")
        page.picture("lineage")
        job = f"{url}/locations/{_place(url)}/jobs/{_JOB}"
        page.open(job, 1440, 760, _JOB, "In the Launchpad")
        page.picture("job")
        page.open(f"{job}/playground/setup?config={quote(_CONFIG)}", 1440, 760, _JOB, "No errors")
        page.picture("launchpad")
        page.open(f"data:text/html;base64,{_terminal(home)}", 1180, 640, "system")
        page.picture("status")


def _terminal(home: Path) -> str:
    """What `concordat status` says, as a page."""
    top = home.absolute().parents[1]  # so that no path of this machine is in the picture
    environment = {**os.environ, "CONCORDAT_HOME": str(home.absolute().relative_to(top)), "PYTHONPATH": str(TOP)}
    command = [sys.executable, "-m", "sync_pipelines.cli", "status"]
    done = subprocess.run(command, cwd=top, env=environment, capture_output=True, text=True, timeout=_LONG, check=False)
    assert done.returncode in (0, 1), done.stderr
    text = _PAGE.format(html.escape(f"$ concordat status\n\n{done.stdout}"))
    return base64.b64encode(f'<meta charset="utf-8">{text}'.encode()).decode()


def waited(come: Callable[[], bool], what: str) -> None:
    """It has a time; then this is an error that names it."""
    until = time.monotonic() + _LONG
    while not come():
        if time.monotonic() > until:
            raise SystemExit(f"in vain: {what}")
        time.sleep(0.5)


def say(what: str) -> None:
    """To whoever looks on."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main() -> None:
    """With a Dagster of its own, or of one that is up."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--ui", default="")
    wanted.add_argument("--home", type=Path, default=TOP / ".concordat" / "demo")
    wanted.add_argument("--as-it-is", action="store_true", help="Run nothing before.")
    told = wanted.parse_args()
    if told.ui:
        go(told.ui, told.home, as_it_is=told.as_it_is)
        return
    if not (told.home / "demo.json").is_file():
        subprocess.run([sys.executable, "-m", "sync_pipelines.cli", "demo"], cwd=TOP, check=True)
    with dagster(told.home) as url:
        go(url, told.home, as_it_is=told.as_it_is)


def go(url: str, home: Path, *, as_it_is: bool) -> None:
    """Once it is there."""
    waited(lambda: answers(url), f"Dagster answers at {url}")
    if not as_it_is:
        play(url, home)
    take(url, home)


if __name__ == "__main__":
    main()
