"""Leadlight: pipeline, prospecting and reports for sales teams."""

__version__ = "0.1.0"
