"""Questions about a figure: drill-down, confidence interval, explanation, changes."""
