"""Losses: why, where and by whom leads are lost, and the tables by reason."""
