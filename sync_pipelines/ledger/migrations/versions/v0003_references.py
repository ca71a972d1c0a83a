"""Who refers to whom, for conditions on another entity. Revision 0003.

It fills itself: where a book asks for it, all entities that may refer are looked at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_COLUMNS = ("entity", "entity_id", "told", "told_id")


def upgrade() -> None:
    """One row for each pair."""
    op.create_table(
        "reference",
        *[sa.Column(name, _WORDS, nullable=False) for name in _COLUMNS],
        sa.PrimaryKeyConstraint(*_COLUMNS, name="pk_reference"),
    )
    op.create_index("ix_reference_told_told_id_entity", "reference", ["told", "told_id", "entity"])
