"""What a client checks by itself, from what it was shown and a digest that it trusts: no ledger, no storage.

Everything here works on Ion values as QLDB's API shows them. Shapes are strict, since what is under no hash proves
nothing: no field that is unknown or there twice, no hash of another length.
"""
