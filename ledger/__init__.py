"""A QLDB-compatible ledger: an append-only, hash-chained journal of documents, on DynamoDB or in one SQLite file."""
