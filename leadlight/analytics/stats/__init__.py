"""Statistics of proportions, of differences and of survival, as pure functions."""
