"""The tamper drill: whoever can write to a ledger's table tries to change its past, and is found out each time."""
