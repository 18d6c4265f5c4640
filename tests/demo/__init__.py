"""The demo company, read back from its files."""
