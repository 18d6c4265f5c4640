"""Presentation of report results: formats, labels, tables, charts and files."""
