"""Checking a ledger against itself: every hash from the data, and everything derived against the journal.

The journal is the truth. Its blocks are read once, in order, and their hashes computed anew; what they say goes into a
file of its own (`expected`), as a list of the cells that the store must hold. Then those are compared with the cells
that it does hold. So neither depends on the other, and no more than a page of either is in memory.
"""

from ledger.audit.check import Check, audit
from ledger.audit.finding import Finding

__all__ = ["Check", "Finding", "audit"]
