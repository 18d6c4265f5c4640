"""Rows behind the figures."""
