"""Bulk API 2.0 query jobs: make one, ask how it stands, fetch its CSV page by page."""

import csv
import io
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulated.faults import ApiError
from connectors.salesforce.simulated.queries import Queries, read_query
from connectors.salesforce.simulated.rows import Rows
from connectors.testing.exchange import Reply

_LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|"}


@dataclass(slots=True)
class _Job:
    number: int
    request: dict[str, Any]
    polls: int
    rows: list[list[str]]
    header: list[str]
    aborted: bool = False

    @property
    def state(self) -> str:
        if self.aborted:
            return "Aborted"
        return "JobComplete" if self.polls <= 0 else "InProgress"


class Jobs:
    """Query jobs. `polls`: how often a job answers InProgress; `repeats_header`: whether later pages carry it too."""

    def __init__(
        self, queries: Queries, rows: Rows, *, polls: int = 1, page_rows: int = 50_000, repeats_header: bool = True
    ) -> None:
        """Sources differ on the header of later pages; both can be had."""
        self.failing = ""  # set: the next job fails with this message
        self._queries = queries
        self._rows = rows
        self._polls = polls
        self._page_rows = page_rows
        self._repeats_header = repeats_header
        self._jobs: dict[str, _Job] = {}

    def create(self, request: Request) -> Reply:
        """`POST /jobs/query`."""
        wanted = {"contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF", **request.fields()}
        if wanted.get("operation") not in {"query", "queryAll"}:
            raise ApiError(400, "INVALIDJOB", "operation must be query or queryAll")
        query = read_query(wanted.get("query"))
        found = self._queries.found(query, all_rows=wanted["operation"] == "queryAll")
        rows = [[_cell(self._rows.value(row, field)) for field in query.fields] for row in found]
        number = len(self._jobs) + 1
        job_id = f"7505gX{number:09d}AAA"
        self._jobs[job_id] = _Job(number, {**wanted, "object": query.kind}, self._polls, rows, list(query.fields))
        return Reply(200, self._told(job_id, state="UploadComplete"))

    def state(self, job_id: str) -> Reply:
        """`GET /jobs/query/{id}`: each question brings it nearer."""
        job = self._job(job_id)
        told = self._told(job_id)
        job.polls -= 1
        return Reply(200, told)

    def results(self, job_id: str, request: Request) -> Reply:
        """`GET /jobs/query/{id}/results`; `Sforce-Locator` is the word null behind the last page."""
        job = self._job(job_id)
        if job.state != "JobComplete":
            raise ApiError(400, "INVALIDJOBSTATE", f"Job is {job.state}, results are not there")
        start = int(request.query.get("locator") or 0)
        size = min(int(request.query.get("maxRecords") or self._page_rows), self._page_rows)
        page = job.rows[start : start + size]
        end = start + len(page)
        headers = {
            "Sforce-Locator": str(end) if end < len(job.rows) else "null",
            "Sforce-NumberOfRecords": str(len(page)),
        }
        header = [job.header] if self._repeats_header or start == 0 else []
        return Reply(200, _csv(job.request, header + page), headers, content_type="text/csv")

    def abort(self, job_id: str) -> Reply:
        """`PATCH /jobs/query/{id}` with state Aborted."""
        self._job(job_id).aborted = True
        return Reply(200, self._told(job_id))

    def delete(self, job_id: str) -> Reply:
        """`DELETE /jobs/query/{id}`."""
        self._job(job_id)
        del self._jobs[job_id]
        return Reply(204)

    def _job(self, job_id: str) -> _Job:
        if job_id not in self._jobs:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return self._jobs[job_id]

    def _told(self, job_id: str, state: str = "") -> dict[str, Any]:
        job = self._jobs[job_id]
        told = {
            "id": job_id,
            **job.request,
            "state": state or job.state,
            "concurrencyMode": "Parallel",
            "apiVersion": 65.0,
        }
        if self.failing:
            return {**told, "state": "Failed", "errorMessage": self.failing}
        return {**told, "numberRecordsProcessed": len(job.rows) if told["state"] == "JobComplete" else 0}


def _cell(value: Any) -> str:
    """A value in CSV: null is an empty cell, and times end in Z."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text.replace("+0000", "Z") if text.endswith(".000+0000") else text


def _csv(request: dict[str, Any], rows: list[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    ending, delimiter = _LINE_ENDINGS[request["lineEnding"]], _DELIMITERS[request["columnDelimiter"]]
    csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()
