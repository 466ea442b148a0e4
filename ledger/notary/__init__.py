"""Digests out of the ledger owner's reach: taken, proven to continue the one before, signed, and kept elsewhere.

Who can write to the ledger's table can write it anew as a whole, hashes and all. What he cannot do is make the new
journal fit a digest that was signed with a key and put into an archive that he cannot change.
"""
