"""Replication of the operational database into a DuckDB file, from which reports are computed."""
