"""The half of the port that is about things: claims, couplings, golden records. What holds for all calls: `port`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from connectors.contract import RecordRef, Tombstone
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.early import Early, KeptEarly, Stage
from sync_pipelines.model.golden import Decided, Golden, HandOver, Override
from sync_pipelines.model.records import Coupling, GoldenStep, Reference, Seen


class Records(Protocol):
    """What is known of the things in the systems, and what was decided about them."""

    # --- claims -----------------------------------------------------------------------------------------------------

    def seen(self, system: str, kind: str, ids: Sequence[str]) -> Mapping[str, Seen]:
        """What was landed of these records (any entity and scope; the oldest map version), and whether it is gone."""
        ...

    def unlike(
        self, system: str, kind: str, map_version: str, told: Mapping[str, tuple[str, str, datetime | None]]
    ) -> Sequence[str]:
        """Which of these were not landed exactly so, or are gone: id → payload hash, version, stamp (UTC)."""
        ...

    def unlike_imprints(self, system: str, kind: str, map_version: str, imprints: Mapping[str, str]) -> Collection[str]:
        """Which of these are not known by this imprint, or are gone: id → digest of what a listing said."""
        ...

    def imprint(self, system: str, kind: str, imprints: Mapping[str, str]) -> None:
        """What was landed is what a listing says with these imprints; landing or restamping it anew takes them away."""
        ...

    def land(self, claims: Sequence[Claim]) -> None:
        """Insert or replace what records say now. Baselines and couplings are not touched by it."""
        ...

    def restamp(self, system: str, kind: str, versions: Mapping[str, tuple[str, datetime | None]]) -> None:
        """Same payload, new version and stamp."""
        ...

    def bury(self, refs: Sequence[RecordRef], at: datetime, *, gone: bool = True) -> None:
        """Mark records as gone by their system's own word and keep a tombstone; `gone=False` brings them back."""
        ...

    def tombstones(self, system: str, kind: str) -> Sequence[Tombstone]:
        """Records that are gone by their system's own word and have not come back."""
        ...

    def record_id_pages(self, system: str, kind: str, size: int = 10_000) -> Iterator[Sequence[str]]:
        """Ids of all living landed records of a kind, so many at a time; of several entities some come twice."""
        ...

    def record_ids(self, system: str, kind: str, *, gone: bool = False) -> Sequence[str]:
        """Ids of all landed records of a kind, living or gone."""
        ...

    def claims_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Sequence[Claim]]:
        """All coupled claims of these entities, aliases and gone ones too, with entity_id, primary and baseline."""
        ...

    def claims_at(self, entity: str, refs: Sequence[RecordRef]) -> Sequence[Claim]:
        """Claims of these records for one entity (all scopes), with entity_id where coupled."""
        ...

    def stamps(self, entity: str, refs: Collection[RecordRef]) -> Mapping[tuple[RecordRef, str], tuple[str, str]]:
        """The living claims of these records by (ref, scope), without their values: the entity they belong to, and a
        stamp that is another one where they say something else. In order of records of one kind.
        """
        ...

    def uncoupled(self, entity: str, after: RecordRef | None = None, most: int = 0) -> Sequence[Claim]:
        """Living claims that belong to no entity yet; of records behind `after`, and about `most` of them (0: all).

        All claims of a record are told together.
        """
        ...

    def agree(self, agreements: Sequence[tuple[RecordRef, str, str, Mapping[str, Agreed]]]) -> None:
        """Merge baselines into claims: (ref, entity, scope, by key)."""
        ...

    def forget_baselines(self, entity: str, entity_ids: Sequence[str]) -> None:
        """Empty the baselines of all claims of these entities (re-adoption, split)."""
        ...

    def index_keys(self, entity: str, keys: Sequence[tuple[RecordRef, str, Sequence[str]]]) -> None:
        """Replace the match keys of claims: (ref, scope, keys)."""
        ...

    def find_keys(self, entity: str, keys: Sequence[str]) -> Mapping[str, Sequence[Claim]]:
        """Living claims under each match key, coupled or not."""
        ...

    def bearers(self, entity: str, keys: Sequence[str]) -> Mapping[str, Sequence[tuple[RecordRef, str]]]:
        """The claims under each match key as (ref, scope), in order, living or not. None of them is fetched."""
        ...

    def crowded_keys(self, entity: str, keys: Sequence[str], most: int) -> set[str]:
        """Those match keys that more than `most` claims bear, living or not: to be asked before their claims are.

        Of a key that a million bear no more than `most` are counted.
        """
        ...

    # --- couplings --------------------------------------------------------------------------------------------------

    def couple(self, couplings: Sequence[Coupling]) -> None:
        """Say which record is which entity. TakenError where the record or the primary place is taken."""
        ...

    def uncouple(self, entity: str, refs: Sequence[RecordRef]) -> None:
        """Take couplings back; claims stay, their baselines are emptied."""
        ...

    def couplings_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Sequence[Coupling]]:
        """All couplings of these entities."""
        ...

    def couplings_at(self, entity: str, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Coupling]:
        """Whose these records are (first scope in order)."""
        ...

    def count_coupled(self, entity: str, system: str) -> int:
        """How many primary couplings a system has: what shares in guards are taken of."""
        ...

    # --- golden records ---------------------------------------------------------------------------------------------

    def golden_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Golden]:
        """Golden records; an entity without one is absent."""
        ...

    def decide(
        self,
        entity: str,
        decided: Mapping[str, Mapping[str, Decided]],
        removed: Mapping[str, Mapping[str, Decided]] = ...,
    ) -> None:
        """Merge golden values (entity_id → key → decided), each a step in the history.

        `removed` keys are taken out, which is a step, too: their `Decided` says who, why and when; its value does not
        count.
        """
        ...

    def entity_ids(self, entity: str) -> Sequence[str]:
        """All entities that have a coupling: where there may be many, ask for pages."""
        ...

    def entity_id_pages(self, entity: str, size: int = 10_000) -> Iterator[Sequence[str]]:
        """Those of `entity_ids`, so many at a time; each page sees the state of its own moment."""
        ...

    def count_entities(self, entity: str) -> int:
        """How many have a coupling."""
        ...

    def history(self, entity: str, entity_id: str, key: str = "") -> Sequence[GoldenStep]:
        """How a value (or all) came to be, oldest first."""
        ...

    def steps_of_run(self, run: str) -> Sequence[GoldenStep]:
        """Golden steps of one run, in order."""
        ...

    def hand_over(self, hand_overs: Sequence[HandOver]) -> None:
        """Record moments at which a decider changed."""
        ...

    def hand_overs(self, entity: str, entity_id: str) -> Sequence[HandOver]:
        """Recorded hand-overs, oldest first."""
        ...

    def override(self, entity: str, entity_id: str, override: Override) -> None:
        """A steward's standing word."""
        ...

    def revoke(self, entity: str, entity_id: str, key: str) -> None:
        """Take a standing word back."""
        ...

    def overrides_of(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, Sequence[Override]]:
        """Standing words."""
        ...

    def refer(self, entity: str, references: Mapping[str, Sequence[tuple[str, str]]]) -> Sequence[Reference]:
        """Replace whom these refer to, entity_id → (entity told of, its id). Answers what came and what went."""
        ...

    def referred_by(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Which entities refer to these, by name."""
        ...

    def referring(self, entity: str, entity_ids: Sequence[str]) -> Sequence[Reference]:
        """Who refers to these, as far as it is noted."""
        ...

    def attend(self, entity: str, entity_ids: Sequence[str]) -> None:
        """Something changed about them."""
        ...

    def attended(self, entity: str) -> Sequence[str]:
        """Those that wait to be looked at: where there may be many, ask for pages."""
        ...

    def attended_pages(self, entity: str, size: int = 10_000) -> Iterator[Sequence[str]]:
        """Those of `attended`, so many at a time; each page sees the state of its own moment."""
        ...

    def marks(self, entity: str, entity_ids: Sequence[str]) -> Mapping[str, int]:
        """How often each was attended to so far: another mark means that something changed meanwhile."""
        ...

    def settle(self, entity: str, entity_ids: Sequence[str]) -> None:
        """They were looked at and nothing is left to do."""
        ...

    # --- early records ----------------------------------------------------------------------------------------------

    def early(
        self,
        *,
        entity: str = "",
        entity_ids: Sequence[str] = (),
        stages: Sequence[Stage] = (),
        open_only: bool = True,
    ) -> Sequence[KeptEarly]:
        """Early records, by entity, id and role; empty `entity_ids` or `stages` mean all."""
        ...

    def note_early(self, entity: str, early: Mapping[str, Sequence[Early]], now: datetime) -> None:
        """How they stand now, by entity id. What stays in its stage is in it since then; others are left alone."""
        ...

    def end_early(self, entity: str, ended: Mapping[tuple[str, str], Stage], now: datetime) -> None:
        """(entity_id, role) → how it ended; nothing where it was not open."""
        ...
