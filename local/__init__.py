"""The local cloud: sets the project up on one machine and runs it there. Standard library only."""
