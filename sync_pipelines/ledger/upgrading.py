"""Brings a ledger's tables to the version this code works with."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from sync_pipelines.ledger.sql_transaction import Session
from sync_pipelines.ledger.tables import HEAD


def upgrade_tables(session: Session, to: str = HEAD) -> None:
    """All missing steps in one transaction: an upgrade that is interrupted leaves the ledger as it was."""
    with session.writing():
        command.upgrade(configuration(session), to)


def configuration(session: Session) -> Config:
    """Alembic's, on a connection of ours."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = session.connection
    return config
