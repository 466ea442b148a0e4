"""What QLDB's control plane answers about one ledger's journal: its digest, and blocks and revisions with proofs."""
