"""What systems announce, and who may pass the gate. Revision 0005. Nothing ever stood in the old inbox."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")


def _column(name: str, kind: sa.types.TypeEngine[Any], *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def upgrade() -> None:
    """One table goes, three come."""
    op.drop_table("inbox")
    op.create_table(
        "inbox",
        _column("system", _WORDS),
        _column("id", _WORDS),
        _column("received_at", _MOMENT),
        _column("topic", _WORDS),
        _column("body", _WORDS),
        _column("waiting", sa.Boolean()),
        _column("noted_at", _MOMENT, nullable=True),
        _column("hints", sa.Text()),
        _column("says", _WORDS),
        sa.Column("place", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("system", "id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_waiting", "inbox", ["waiting"])
    op.create_index("ux_inbox_place", "inbox", ["place"], unique=True)
    op.create_table(
        "gate_login",
        _column("name", _WORDS),
        _column("role", _WORDS),
        _column("secret", _WORDS),
        _column("since", _MOMENT),
        _column("changed_at", _MOMENT),
        sa.PrimaryKeyConstraint("name", name="pk_gate_login"),
    )
    op.create_table(
        "gate_visit",
        _column("digest", _WORDS),
        _column("name", _WORDS),
        _column("began_at", _MOMENT),
        _column("until", _MOMENT),
        sa.PrimaryKeyConstraint("digest", name="pk_gate_visit"),
    )
    op.create_index("ix_gate_visit_name", "gate_visit", ["name"])
