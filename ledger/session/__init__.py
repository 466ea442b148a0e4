"""QLDB's session API: sessions, their transactions, statements and pages, behind SendCommand."""
