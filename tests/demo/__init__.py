"""Tests of the demo company, which read its files."""
