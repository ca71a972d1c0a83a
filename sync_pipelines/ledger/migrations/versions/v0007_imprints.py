"""By what digest of a listing's row a record is known. Revision 0007. It fills itself with the next full read."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Empty: read otherwise than by a listing."""
    op.add_column("claim", sa.Column("imprint", _WORDS, nullable=False, server_default=""))
