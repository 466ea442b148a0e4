"""Transactions: what they read and rely on, what they change, and how they commit."""
