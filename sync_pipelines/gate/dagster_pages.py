"""Dagster's own pages as an ASGI app, with the permissions of whoever asks.

It stands on private parts of Dagster (`dagster._core.workspace`), since the open-source one has neither logins nor
roles. A test boots it; where an upgrade breaks it, `dagster-webserver` behind a proxy serves too: docs/howto/serve.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.workspace.context import WorkspaceProcessContext, WorkspaceRequestContext
from dagster._core.workspace.load_target import ModuleTarget, WorkspaceFileTarget, WorkspaceLoadTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from starlette.types import ASGIApp

from sync_pipelines.gate.people import Person, Role

MODULE = "sync_pipelines.definitions"
PERSON = "concordat.person"  # where the guard leaves word of who asks


class _Gated(WorkspaceProcessContext):
    """Each request bears the permissions of its person; who is not known may only look."""

    def create_request_context(self, source: object | None = None) -> WorkspaceRequestContext:
        """As the base class, but for `read_only`."""
        person: Person | None = getattr(source, "scope", {}).get(PERSON)
        return WorkspaceRequestContext(
            instance=self._instance,
            current_workspace=self.get_current_workspace(),
            process_context=self,
            version=self.version,
            source=source,
            read_only=person is None or person.role < Role.OPERATOR,
        )


@contextmanager
def dagster_pages(workspace: Path | None = None) -> Iterator[ASGIApp]:
    """Of the instance that DAGSTER_HOME names. `workspace` names the code locations; without it ours is loaded here."""
    target: WorkspaceLoadTarget = (
        WorkspaceFileTarget([str(workspace)]) if workspace else ModuleTarget(MODULE, None, None, None)
    )
    with dg.DagsterInstance.get() as instance:
        instance.optimize_for_webserver(statement_timeout=15_000, pool_recycle=3600, max_overflow=20)
        with _Gated(instance, target, version=dg.__version__, code_server_log_level="WARNING") as context:
            yield create_app_from_workspace_process_context(context)
