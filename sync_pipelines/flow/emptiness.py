"""A reading of everything that finds nothing, where there always was something, is no success."""

from sync_pipelines.intake.crawl import Crawl
from sync_pipelines.ledger.port import Ledger

_RUNS = 100  # looked through for earlier readings of everything
_USUAL = 5  # of them say what is usual


def suspicious(ledger: Ledger, entity: str, crawl: Crawl) -> str:
    """Why an empty reading is not believed; empty where it is. A right that was taken away looks just like this."""
    if not crawl.full or crawl.tally.read:
        return ""
    place = f"{crawl.system}/{crawl.kind}"
    told = [run.stats["reads"].get(place) for run in ledger.runs(entity, _RUNS) if "reads" in run.stats]
    usual = [one["read"] for one in told if one and one["full"] and one["complete"]][:_USUAL]
    if not any(usual):
        return ""
    found = f"{place}: a reading of everything found nothing, where there were {max(usual):,} records"
    return f"{found}; is our user still allowed to see them? `concordat doctor {crawl.system}`"
