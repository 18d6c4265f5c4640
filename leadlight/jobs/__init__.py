"""Background jobs: those of the queue, and those repeated every second, minute or hour."""
