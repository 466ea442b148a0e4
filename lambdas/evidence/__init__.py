"""The functions that keep evidence of the ledger where its owner cannot change it, and hold the ledger against it."""
