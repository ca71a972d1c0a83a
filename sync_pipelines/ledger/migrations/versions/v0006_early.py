"""Early records, and since when they wait. Revision 0006. It fills itself: whatever waits is in every plan."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")
_KEY = ("entity", "entity_id", "role")


def upgrade() -> None:
    """One row for each entity and role."""
    op.create_table(
        "early",
        *[sa.Column(name, _WORDS, nullable=False) for name in (*_KEY, "stage")],
        *[sa.Column(name, _MOMENT, nullable=False) for name in ("known_since", "since")],
        *[sa.Column(name, sa.Text(), nullable=False) for name in ("lacks", "there")],
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, name="pk_early"),
    )
    op.create_index("ix_early_entity_open", "early", ["entity", "open"])
    op.create_index("ix_early_open", "early", ["open"])
