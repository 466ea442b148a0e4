"""The journal's formats and formulas: blocks, revisions, hashes and trees. Pure functions, no storage."""
