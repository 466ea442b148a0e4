"""The functions of a journal stream: the one that publishes it, and those that take it."""
