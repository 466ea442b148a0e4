"""The web console: a read API over ledgers, and pages that query, show and verify them in the browser."""
