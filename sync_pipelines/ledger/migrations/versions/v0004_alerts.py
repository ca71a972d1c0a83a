"""Alerts and what is to be told of them, as they are kept now. Revision 0004. Nothing ever stood in the old tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def _column(name: str, kind: sa.types.TypeEngine[Any], *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def upgrade() -> None:
    """Two tables go, two come."""
    op.drop_table("alert_outbox")
    op.drop_table("alert_state")
    op.create_table(
        "alert",
        _column("alert", _WORDS),
        _column("since", _MOMENT),
        _column("open", sa.Boolean()),
        _column("facts", sa.Text()),
        sa.PrimaryKeyConstraint("alert", name="pk_alert"),
    )
    op.create_index("ix_alert_open", "alert", ["open"])
    op.create_table(
        "alert_outbox",
        _column("id", _WORDS),
        _column("alert", _WORDS),
        _column("channel", _WORDS),
        _column("made_at", _MOMENT),
        _column("facts", sa.Text()),
        _column("waiting", sa.Boolean()),
        _column("tries", sa.BigInteger()),
        _column("sent_at", _MOMENT, nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_outbox"),
    )
    op.create_index("ix_alert_outbox_waiting", "alert_outbox", ["waiting"])
    op.create_index("ux_alert_outbox_place", "alert_outbox", ["place"], unique=True)
