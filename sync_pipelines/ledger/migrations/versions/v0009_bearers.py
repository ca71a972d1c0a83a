"""Who bears a match key is answered from the index alone. Revision 0009."""

from alembic import op

revision = "0009"
down_revision = "0008"

_BEARERS = ["entity", "match_key", "system", "kind", "record_id", "scope"]


def upgrade() -> None:
    """Day one asks for three hundred thousand of them at once."""
    op.drop_index("ix_match_key_entity_match_key", table_name="match_key")
    op.create_index(f"ix_match_key_{'_'.join(_BEARERS)}", "match_key", _BEARERS)
