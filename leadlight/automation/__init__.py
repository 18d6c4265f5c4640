"""Reactions to what happens in the company: webhooks, by which other programs learn of it.

Triggers note each new event in `PendingChange`, in the transaction of the change (`triggers`).
`dispatch` turns these rows into deliveries, and `delivery` sends them.
"""
