"""Readers of reports and their shortcuts: scope, results, precompilation."""
