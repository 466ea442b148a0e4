"""The ledger's tables and indexes, created while the stack deploys."""
