"""Background jobs, run in threads of a serving process and by commands."""
