"""The wallet: accounts, balances and money calls over a verifiable ledger."""
