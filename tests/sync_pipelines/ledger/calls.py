"""Random calls on a ledger, from a world small enough that they meet."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from connectors.contract import Hint, RecordRef, Watermark
from mappings.fieldmap import Gap
from sync_pipelines.ledger.port import Ledger, LedgerError
from sync_pipelines.model.changes import Approval, State
from sync_pipelines.model.claims import Agreed, Claim
from sync_pipelines.model.decisions import EntityDecision
from sync_pipelines.model.early import Early, Stage
from sync_pipelines.model.golden import HandOver, Override
from sync_pipelines.model.records import (
    AuditEntry,
    Coupling,
    Delivery,
    KeptAlert,
    Lease,
    Login,
    OutgoingMessage,
    Snapshot,
    Visit,
)
from tests.sync_pipelines.ledger.facts import (
    ACCOUNT,
    at,
    change,
    decided,
    head,
    held_back,
    part,
    question,
    run_record,
)


@dataclass(frozen=True)
class Call:
    """One call, as a sentence that can be read in a failing example."""

    name: str
    arguments: tuple[Any, ...] = ()
    named: tuple[tuple[str, Any], ...] = ()

    def on(self, ledger: Ledger) -> object:
        """What it answers, or which error it raises."""
        try:
            return getattr(ledger, self.name)(*self.arguments, **dict(self.named))
        except LedgerError as error:
            return type(error)


@dataclass(frozen=True)
class Block:
    """Calls in one transaction; `breaks` at its end."""

    calls: tuple["Call | Block", ...]
    breaks: bool

    def on(self, ledger: Ledger) -> object:
        """What its calls answer."""
        answers: list[object] = []
        with suppress(InterruptedError), ledger.transaction():
            answers += [call.on(ledger) for call in self.calls]
            if self.breaks:
                raise InterruptedError
        return answers


def call(name: str, *arguments: st.SearchStrategy[Any], **named: st.SearchStrategy[Any]) -> st.SearchStrategy[Call]:
    keywords = st.fixed_dictionaries(named).map(lambda given: tuple(given.items()))
    return st.builds(Call, st.just(name), st.tuples(*arguments), keywords)


def few(items: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(items, min_size=least, max_size=3)


entity = st.sampled_from([ACCOUNT, ACCOUNT, ACCOUNT, "contact"])
entity_id = st.sampled_from(["a1", "a2", "a3"])
ref = st.builds(RecordRef, st.sampled_from(["crm", "erp"]), st.just("party"), st.sampled_from(["1", "2", "ä"]))
scope = st.sampled_from(["", "100"])
value = st.sampled_from(["A", "B", "", None, False, 0, ["x", {"y": None}], {"street": "中"}])
key = st.sampled_from(["name", "phone", "credit_limit@100"])
values = st.dictionaries(key, value, max_size=3)
moment = st.integers(0, 9).map(at)
name = st.sampled_from(["k1", "k2", "k3"])
plan = st.sampled_from(["p1", "p2", "p3"])
run = st.sampled_from(["r1", "r2"])
state = st.sampled_from(list(State))
system = st.sampled_from(["crm", "erp"])
kind = st.just("party")
flow = st.sampled_from(["changes", "deletes"])
agreements = st.dictionaries(key, st.builds(Agreed, value, value, st.booleans()), max_size=2)
golden = st.dictionaries(key, st.builds(decided, value, run, st.integers(0, 9)), max_size=2)
claims = st.builds(Claim, ref, entity, values, scope, version=st.sampled_from("12"), map_version=st.sampled_from("ab"))
couplings = st.builds(Coupling, ref, entity, entity_id, scope, st.booleans(), run=run)
gaps = st.tuples(
    ref, st.builds(Gap, key, st.sampled_from(["t1", "t2"]), st.sampled_from(["x", "y"]), st.just("decode"))
)
questions = st.builds(question, entity_id, key, asks=st.sampled_from(["one?", "two?"]), entity=entity)
holder = st.sampled_from(["me", "another"])
lease = st.builds(Lease, st.just("x"), holder, st.integers(1, 3), moment)
alerts = st.builds(KeptAlert, name, moment, st.booleans())
messages = st.builds(OutgoingMessage, st.sampled_from(["m1", "m2"]), name, st.sampled_from(["mail", "chat"]), moment)
early = st.builds(Early, st.sampled_from(["erp", "shop"]), st.sampled_from(list(Stage)))
ended = st.dictionaries(st.tuples(entity_id, st.just("erp")), st.sampled_from([Stage.COUPLED, Stage.LEFT]), max_size=2)
snapshots = st.builds(Snapshot, system, kind, moment, st.sampled_from(["f", "g"]), st.just({"name": ["text", 40]}))
hints = st.lists(st.builds(Hint, kind, st.lists(st.sampled_from("12"), max_size=2).map(tuple)), max_size=2).map(tuple)
deliveries = st.builds(
    Delivery, system, name, moment, st.just("changed"), st.sampled_from(["", "e30="]), st.booleans(), moment, hints
)
logins = st.builds(Login, name, st.sampled_from(["viewer", "admin"]), st.just("hash"), moment, moment)
visits = st.builds(Visit, st.sampled_from(["v1", "v2"]), name, moment, moment)
decisions = st.lists(st.builds(EntityDecision, entity_id, golden=golden), max_size=2, unique_by=lambda d: d.entity_id)


@st.composite
def plans(draw: st.DrawFn) -> Call:
    of = draw(plan)
    keys = draw(st.lists(name, max_size=3))
    changes = [change(each, of, draw(entity_id), draw(system), draw(run)) for each in keys]
    name_of = draw(st.sampled_from(["save_plan", "save_plan", "draft_plan"]))
    return Call(name_of, (head(of, draw(run), draw(entity)), changes, draw(decisions)))


ONE = st.one_of(
    call("land", few(claims)),
    call("restamp", system, kind, st.dictionaries(st.sampled_from("12"), st.tuples(st.just("9"), moment), max_size=2)),
    call("imprint", system, kind, st.dictionaries(st.sampled_from("12"), st.sampled_from("ij"), max_size=2)),
    call("bury", few(ref), moment, gone=st.booleans()),
    call("agree", few(st.tuples(ref, entity, scope, agreements))),
    call("forget_baselines", entity, few(entity_id)),
    call("index_keys", entity, few(st.tuples(ref, scope, few(st.sampled_from(["m1", "m2"]))))),
    call("couple", few(couplings)),
    call("couple", few(couplings)),
    call("uncouple", entity, few(ref)),
    call("decide", entity, st.dictionaries(entity_id, golden, max_size=2)),
    call("decide", entity, st.just({}), st.dictionaries(entity_id, golden, max_size=2)),
    call("hand_over", few(st.builds(HandOver, entity, entity_id, key, system, system, st.just("taken")))),
    call("override", entity, entity_id, st.builds(Override, key, value, st.just("ada"), moment)),
    call("revoke", entity, entity_id, key),
    call("attend", entity, few(entity_id)),
    call("refer", entity, st.dictionaries(entity_id, few(st.tuples(entity, entity_id)), max_size=2)),
    call("settle", entity, few(entity_id)),
    call("note_early", entity, st.dictionaries(entity_id, few(early), max_size=2), moment),
    call("end_early", entity, ended, moment),
    call("marks", entity, few(entity_id)),
    plans(),
    plans(),
    call("judge", plan, st.lists(st.builds(part, st.sampled_from("xyz")), unique=True, max_size=2)),
    call("approve", st.builds(Approval, st.just("ada"), moment, part=st.sampled_from("xyz"))),
    call("close_plan", plan, st.sampled_from(["applied", "superseded"])),
    call("intend", few(st.builds(change, name, run=run)), lease, moment),
    call("resolve", few(st.tuples(name, state, st.just("why")))),
    call("advance", system, kind, flow, st.builds(Watermark, moment, st.sampled_from("ab"))),
    call("rewind", system, kind, flow, st.none() | st.builds(Watermark, moment)),
    call("mark_dirty", few(ref), st.just("late")),
    call("clean", few(ref)),
    call("quarantine", few(st.builds(held_back, ref, st.sampled_from(["gap", "fault"]), key, st.integers(0, 9)))),
    call("release", few(ref), entity, st.sampled_from(["", "gap"])),
    call("note_gaps", st.sampled_from(["map1", "map2"]), few(gaps), moment),
    call("close_gap", st.sampled_from(["t1", "t2"]), st.just("map1"), st.sampled_from(["x", "y"]), st.just("decode")),
    call("ask", few(questions)),
    call("answer", st.sampled_from(["q1", "q2", "q3"]), st.just("crm"), st.just("ada"), moment),
    call("withdraw", entity, few(st.tuples(entity_id, key))),
    call("keep_apart", entity, few(st.tuples(entity_id, entity_id)), st.just("ada"), moment),
    call("forget_apart", entity, few(entity_id)),
    call("acquire", st.just("x"), holder, moment, moment),
    call("renew", lease, moment, moment),
    call("release_lease", lease),
    call("start_run", st.builds(run_record, run, entity)),
    call("end_run", run, moment, st.just("complete"), st.just(""), st.just({"n": 1})),
    call("spend", system, st.just("2026-03-01"), st.integers(0, 3)),
    call("pin", st.sampled_from(["p", "q"]), st.sampled_from(["1", "2"])),
    call("set_pin", st.sampled_from(["p", "q"]), st.sampled_from(["1", "2"])),
    call("suppress", few(st.sampled_from(["d1", "d2"])), moment),
    call("keep_alerts", few(alerts), few(messages)),
    call("sent", messages, st.sampled_from([None, at(3)])),
    call("keep_snapshots", few(snapshots)),
    call("receive", deliveries),
    call("receive", deliveries),
    call("keep_deliveries", few(deliveries)),
    call("forget_bodies", moment),
    call("keep_login", logins),
    call("drop_login", name),
    call("begin_visit", visits),
    call("end_visit", st.sampled_from(["v1", "v2"])),
    call("prune", moment, st.integers(0, 2)),
    call("audit", few(st.builds(AuditEntry, moment, st.just("ada"), st.just("did"), entity_id))),
    call("erase_audited", few(entity_id)),
)


def _blocks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(Block, st.lists(inner, max_size=4).map(tuple), st.booleans())


CALLS = st.lists(st.recursive(ONE, _blocks, max_leaves=5), min_size=3, max_size=25)

_REFS = [RecordRef(of, "party", record_id) for of in ("crm", "erp") for record_id in ("1", "2", "ä")]
_IDS = ["a1", "a2", "a3"]


def everything(ledger: Ledger) -> dict[str, object]:
    """All that the ledger can be asked."""
    asked: dict[str, Callable[[], object]] = {
        "seen": lambda: [ledger.seen(of, "party", ["1", "2", "ä"]) for of in ("crm", "erp")],
        "unlike": lambda: [
            ledger.unlike("crm", "party", version, dict.fromkeys(["1", "2", "ä"], said))
            for version in "ab"
            for said in (("", "1", at(1)), ("", "1", None))
        ],
        "imprints": lambda: [
            sorted(ledger.unlike_imprints("crm", "party", version, {"1": "i", "2": "j", "ä": "i"})) for version in "ab"
        ],
        "ids": lambda: [ledger.record_ids(of, "party", gone=gone) for of in ("crm", "erp") for gone in (True, False)],
        "tombstones": lambda: [ledger.tombstones(of, "party") for of in ("crm", "erp")],
        "plans": ledger.plans,
        "newest": lambda: (ledger.plans(ACCOUNT, 1), ledger.runs(ACCOUNT, 1), ledger.audit_trail(2)),
        "decisions": lambda: [ledger.decisions(of) for of in ("p1", "p2", "p3")],
        "parts": lambda: [ledger.parts(of) for of in ("p1", "p2", "p3")],
        "changes": ledger.changes,
        "some changes": lambda: (ledger.changes(system="erp", states=[State.PLANNED]), ledger.changes(run="r1")),
        "approvals": ledger.approvals,
        "steps": lambda: [ledger.steps_of_run(of) for of in ("r1", "r2")],
        "watermarks": lambda: [
            ledger.watermark(of, "party", f) for of in ("crm", "erp") for f in ("changes", "deletes")
        ],
        "dirty": lambda: [ledger.dirty(of, "party") for of in ("crm", "erp")],
        "quarantined": lambda: (ledger.quarantined(), ledger.quarantined(system="crm")),
        "gaps": ledger.gaps,
        "early": lambda: (
            ledger.early(stages=[Stage.WAITING, Stage.HELD]),
            ledger.early(entity=ACCOUNT, entity_ids=["a1", "a2"], open_only=False),
        ),
        "questions": lambda: (ledger.questions(), ledger.questions(entity_ids=["a1"], open_only=False)),
        "runs": ledger.runs,
        "pins": lambda: [ledger.get_pin(of) for of in "pq"],
        "alerts": lambda: (ledger.open_alerts(), ledger.all_alerts(), ledger.outgoing()),
        "snapshots": lambda: [ledger.snapshots(of, "party") for of in ("crm", "erp")],
        "inbox": lambda: (ledger.inbox(), ledger.inbox(1), ledger.deliveries(), ledger.deliveries("crm", 1)),
        "logins": lambda: (ledger.logins(), ledger.visit("v1"), ledger.visit("v2")),
        "suppressed": lambda: ledger.suppressed(["d1", "d2"]),
        "audit": lambda: (ledger.audit_trail(), ledger.verify_audit()),
    }
    return {name_: ask() for name_, ask in asked.items()} | {each: _of(ledger, each) for each in (ACCOUNT, "contact")}


def _of(ledger: Ledger, of: str) -> object:
    return (
        (ledger.claims_of(of, _IDS), ledger.claims_at(of, _REFS), ledger.stamps(of, _REFS), ledger.uncoupled(of)),
        (
            ledger.find_keys(of, ["m1", "m2"]),
            ledger.bearers(of, ["m1", "m2"]),
            ledger.crowded_keys(of, ["m1", "m2"], 1),
            ledger.couplings_of(of, _IDS),
            ledger.couplings_at(of, _REFS),
        ),
        (ledger.count_coupled(of, "crm"), ledger.entity_ids(of), ledger.attended(of), ledger.apart(of, ["a1"])),
        (ledger.referred_by(of, ["a1", "a2"]), ledger.referring(of, ["a1", "a2"])),
        (ledger.golden_of(of, _IDS), ledger.overrides_of(of, _IDS)),
        [(ledger.history(of, each), ledger.hand_overs(of, each)) for each in _IDS],
    )
