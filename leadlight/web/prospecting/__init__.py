"""Prospecting lists: all that a person may see, and new ones from cells, a file or nothing."""
