"""Alembic's entry. The connection comes in; the transaction around all steps is the caller's."""

from alembic import context

from sync_pipelines.ledger.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=False,
)
context.run_migrations()
