"""The parts of the query tool: a client of the session API, statements, results as text, and the interactive shell."""
