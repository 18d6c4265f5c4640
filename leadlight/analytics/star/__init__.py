"""Star schema that reports read, and the history of steps."""
