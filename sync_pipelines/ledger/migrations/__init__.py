"""How the ledger's tables came to be. `upgrading` runs them; a ledger never needs alembic's own command."""
