"""Pages that list and set goals."""
