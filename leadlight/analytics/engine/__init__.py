"""Statements of reports: their compilation, the engine that runs them, and the result."""
