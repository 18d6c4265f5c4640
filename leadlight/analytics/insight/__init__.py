"""Analysis of figures: drill-down, confidence interval, explanation, changes, data quality."""
