"""Pages of prospecting lists: the list of all, and a new one from cells or a file, or empty."""
