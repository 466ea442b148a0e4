"""The command line of the ledger, `python -m ledger`: one module a command."""
