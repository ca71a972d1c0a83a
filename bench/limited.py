"""A simulated org that lets no more calls through than so many in any second; the rest get 429.

    python -m bench.limited --count 10000 --limit 10

`/told` says how many calls were let through and how many not.
"""

import argparse
import sys
import time
from collections import deque

from bench.accounts import account
from connectors.salesforce.simulated.exchange import Request
from connectors.salesforce.simulated.metadata import standard_kinds
from connectors.salesforce.simulator import SalesforceSimulator
from connectors.testing.exchange import Reply
from connectors.testing.world import System, World

_OWN = ("Id", "SystemModstamp", "LastModifiedById", "Concordat_Key__c")


class LimitedOrg(SalesforceSimulator):
    """Counts by this machine's clock."""

    def __init__(self, system: System, limit: int) -> None:
        super().__init__(system)
        self.limit = limit
        self.let_through, self.refused = 0, 0
        self._lately: deque[float] = deque()

    def answer(self, request: Request) -> Reply:
        """As the org would, if it has room in this second."""
        if request.path == "told":
            return Reply(200, {"through": self.let_through, "refused": self.refused})
        now = time.monotonic()
        while self._lately and now - self._lately[0] >= 1:
            self._lately.popleft()
        if len(self._lately) >= self.limit:
            self.refused += 1
            return Reply(429, {"message": "too many calls in this second"}, {"Retry-After": "1"})
        self._lately.append(now)
        self.let_through += 1
        return super().answer(request)


def main() -> None:
    """From the command line."""
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--count", type=int, default=10_000)
    wanted.add_argument("--limit", type=int, default=10)
    told = wanted.parse_args()
    system = World().add("erp", *standard_kinds())
    for number in range(1, told.count + 1):
        values = {name: value for name, value in account(number).items() if name not in _OWN}
        system.create("Account", values, by="user:sales")
    with LimitedOrg(system, told.limit) as org:
        print(org.url, org.app.client_id, org.app.client_secret, flush=True)  # noqa: T201 - what its starter waits for
        sys.stdin.read()


if __name__ == "__main__":
    main()
