"""Whatever waits to be looked at, in the order in which it is looked at. Revision 0008."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """A million that wait are read in pages, none of which sorts the rest."""
    op.drop_index("ix_attention_entity_waiting", table_name="attention")
    op.create_index("ix_attention_entity_waiting_entity_id", "attention", ["entity", "waiting", "entity_id"])
