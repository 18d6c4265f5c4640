"""Statistics of proportions and of survival, as pure functions."""
