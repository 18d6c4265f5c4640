"""Mails on a schedule, and webhooks, by which other programs learn of what happens.

Triggers note each new event in `PendingChange`, in the transaction of the change (`triggers`).
`dispatch` turns these rows into deliveries, and `delivery` sends them.
"""
