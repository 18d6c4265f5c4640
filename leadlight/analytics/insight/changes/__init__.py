"""Differences between two snapshots of a report, with their reasons."""
