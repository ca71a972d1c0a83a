"""The tables, as they were first made. Revision 0001."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")  # ordered by code point on both
_TYPES: Mapping[str, Any] = {
    "w": _WORDS,
    "j": sa.Text(),  # JSON
    "m": sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"),
    "i": sa.BigInteger(),
    "b": sa.Boolean(),
}

# table → its columns with their types (`?`: may be null), and its primary key
_TABLES: Mapping[str, tuple[str, str]] = {
    "alert_outbox": ("place:i alert:w channel:w message:j made_at:m sent_at:m? tries:i", "place"),
    "alert_state": ("alert:w since:m told_at:m? over_at:m? facts:j", "alert"),
    "approval": ("by:w at:m part:w system:w entity:w op:w up_to:i until:m? place:i", "place"),
    "attention": ("entity:w entity_id:w mark:i waiting:b", "entity entity_id"),
    "audit": ("at:m who:w did:w about:w values:j values_digest:w link:w place:i", "place"),
    "baseline": ("system:w kind:w record_id:w entity:w scope:w agreed:j", "system kind record_id entity scope"),
    "budget": ("system:w day:w calls:i", "system day"),
    "claim": (
        (
            "system:w kind:w record_id:w entity:w scope:w values:j version:w payload_hash:w map_version:w "
            "changed_at:m? editor:w gone:b"
        ),
        "system kind record_id entity scope",
    ),
    "coupling": (
        "system:w kind:w record_id:w entity:w entity_id:w scope:w primary:b because:w run:w at:m?",
        "system kind record_id entity scope",
    ),
    "describe_snapshot": ("system:w kind:w taken_at:m fingerprint:w fields:j", "system kind taken_at"),
    "dirty": ("system:w kind:w record_id:w reason:w", "system kind record_id"),
    "gap": ("table:w map:w code:w way:w since:m", "table map code way"),
    "golden": ("entity:w entity_id:w fields:j", "entity entity_id"),
    "golden_step": (
        "entity:w entity_id:w key:w old:j new:j had_old:b because:w by:w rule:w run:w at:m place:i",
        "place",
    ),
    "hand_over": ("entity:w entity_id:w key:w from_:w to:w outcome:w run:w at:m? place:i", "place"),
    "inbox": ("id:w system:w received_at:m kind:w record_id:w body:j handled_at:m?", "system id"),
    "kept_apart": ("entity:w left:w right:w by:w at:m", "entity left right"),
    "lease": ("name:w holder:w token:i until:m", "name"),
    "match_key": (
        "system:w kind:w record_id:w entity:w scope:w match_key:w",
        "system kind record_id entity scope match_key",
    ),
    "override": ("entity:w entity_id:w key:w value:j by:w at:m?", "entity entity_id key"),
    "pin": ("name:w value:w", "name"),
    "plan": ("id:w entity:w run:w book:w made_at:m judged:b counts:j held:i state:w place:i", "id"),
    "quarantine": (
        "system:w kind:w record_id:w entity:w reason:w says:w field:w payload_hash:w since:m? change:w place:i",
        "system kind record_id entity reason field",
    ),
    "question": (
        (
            "entity:w entity_id:w topic:w about:w steward:w asks:w choices:j evidence:j id:w asked_at:m? answer:w "
            "answered_by:w answered_at:m? open:b place:i"
        ),
        "id",
    ),
    "run": ("id:w entity:w kind:w started_at:m ended_at:m? state:w says:w stats:j place:i", "id"),
    "suppression": ("digest:w at:m", "digest"),
    "tombstone": ("system:w kind:w record_id:w at:m?", "system kind record_id"),
    "watermark": ("system:w kind:w flow:w at:m token:w", "system kind flow"),
    "change": (
        (
            "key:w plan:w op:w system:w kind:w entity:w entity_id:w fields:j record_id:w scope:w version:w "
            "state:w payload:j reason:w sent_at:m? run:w create_key:w place:i"
        ),
        "key",
    ),
    "gap_record": (
        "table:w map:w code:w way:w system:w kind:w record_id:w",
        "table map code way system kind record_id",
    ),
    "plan_decision": ("plan:w entity_id:w decision:j", "plan entity_id"),
    "plan_part": (
        "plan:w part:w system:w entity:w op:w count:i known:i passed:b says:w approved_by:w place:i",
        "plan part",
    ),
}

# index → table, columns, and the column that has to be true for it to hold (then it is unique)
_INDEXES: Mapping[str, tuple[str, str, str]] = {
    "ix_alert_outbox_sent_at": ("alert_outbox", "sent_at", ""),
    "ix_audit_about": ("audit", "about", ""),
    "ix_claim_entity": ("claim", "entity", ""),
    "ix_coupling_entity_entity_id": ("coupling", "entity entity_id", ""),
    "ix_coupling_entity_system_kind_record_id": ("coupling", "entity system kind record_id", ""),
    "ix_attention_entity_waiting": ("attention", "entity waiting", ""),
    "ix_coupling_entity_system_primary": ("coupling", "entity system primary", ""),
    "ux_coupling_primary": ("coupling", "entity entity_id system kind scope", "primary"),
    "ix_golden_step_entity_entity_id": ("golden_step", "entity entity_id", ""),
    "ix_golden_step_run": ("golden_step", "run", ""),
    "ix_hand_over_entity_entity_id": ("hand_over", "entity entity_id", ""),
    "ix_inbox_handled_at": ("inbox", "handled_at received_at", ""),
    "ix_kept_apart_entity_right": ("kept_apart", "entity right", ""),
    "ix_match_key_entity_match_key": ("match_key", "entity match_key", ""),
    "ix_plan_entity_state": ("plan", "entity state", ""),
    "ux_plan_place": ("plan", "place", ""),
    "ix_quarantine_entity_system_kind_record_id": ("quarantine", "entity system kind record_id", ""),
    "ux_quarantine_place": ("quarantine", "place", ""),
    "ix_question_entity_entity_id_open": ("question", "entity entity_id open", ""),
    "ix_question_entity_open": ("question", "entity open", ""),
    "ix_question_open": ("question", "open", ""),
    "ux_question_open": ("question", "entity entity_id topic", "open"),
    "ux_question_place": ("question", "place", ""),
    "ix_run_entity": ("run", "entity", ""),
    "ux_run_place": ("run", "place", ""),
    "ix_change_entity_entity_id": ("change", "entity entity_id", ""),
    "ix_change_plan_state": ("change", "plan state", ""),
    "ix_change_run": ("change", "run", ""),
    "ix_change_state": ("change", "state", ""),
    "ix_change_system": ("change", "system", ""),
    "ux_change_place": ("change", "place", ""),
    "ux_plan_part_place": ("plan_part", "place", ""),
}

# foreign key → table, columns, whole, its key
_PARTS: Mapping[str, tuple[str, str, str, str]] = {
    "fk_change_plan": ("change", "plan", "plan", "id"),
    "fk_gap_record_gap": ("gap_record", "table map code way", "gap", "table map code way"),
    "fk_plan_decision_plan": ("plan_decision", "plan", "plan", "id"),
    "fk_plan_part_plan": ("plan_part", "plan", "plan", "id"),
}

# The audit trail is append-only. Only the values beside the chain may be erased: set to JSON's null.
_KEPT = ("place", "at", "who", "did", "about", "values_digest", "link")
_REFUSED = "SELECT RAISE(ABORT, 'audit is append-only');"
_SQLITE_GUARDS = (
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN {_REFUSED} END",
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE OF {', '.join(_KEPT)} ON audit BEGIN {_REFUSED} END",
    f"""CREATE TRIGGER audit_only_erase BEFORE UPDATE OF "values" ON audit
        WHEN NEW."values" <> 'null' BEGIN {_REFUSED} END""",
)
_POSTGRES_GUARDS = (
    """CREATE FUNCTION concordat_audit_guard() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE OR TRUNCATE ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION concordat_audit_guard()""",
    f"""CREATE TRIGGER audit_no_update BEFORE UPDATE OF {", ".join(_KEPT)} ON audit
        FOR EACH STATEMENT EXECUTE FUNCTION concordat_audit_guard()""",
    """CREATE TRIGGER audit_only_erase BEFORE UPDATE OF "values" ON audit
        FOR EACH ROW WHEN (NEW."values" <> 'null') EXECUTE FUNCTION concordat_audit_guard()""",
)


def upgrade() -> None:
    """Tables, indexes and guards."""
    for table in _TABLES:
        _create(table)
    for name, (table, columns, only) in _INDEXES.items():
        where = sa.column(only, sa.Boolean()) if only else None
        unique = name.startswith("ux_")
        op.create_index(name, table, columns.split(), unique=unique, sqlite_where=where, postgresql_where=where)
    for guard in _POSTGRES_GUARDS if op.get_bind().dialect.name == "postgresql" else _SQLITE_GUARDS:
        op.execute(guard)


def _create(table: str) -> None:
    columns, key = _TABLES[table]
    parts: list[sa.schema.SchemaItem] = [_column(each) for each in columns.split()]
    parts.append(sa.PrimaryKeyConstraint(*key.split(), name=f"pk_{table}"))
    for name, (own, own_columns, whole, whole_key) in _PARTS.items():
        if own == table:
            there = [f"{whole}.{column}" for column in whole_key.split()]
            parts.append(sa.ForeignKeyConstraint(own_columns.split(), there, name=name))
    op.create_table(table, *parts)


def _column(said: str) -> sa.Column[Any]:
    name, kind = said.split(":")
    return sa.Column(name, _TYPES[kind[0]], nullable=kind.endswith("?"), autoincrement=False)
