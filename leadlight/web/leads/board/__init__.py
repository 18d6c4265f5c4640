"""Board: the leads of a list as cards, in a column for each step of one pipeline."""
