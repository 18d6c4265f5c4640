"""Statistics of proportions, differences, sums and survival, as pure functions."""
