"""Work that runs by itself, in threads of a serving process and by commands."""
