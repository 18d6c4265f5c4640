"""Pages of a report and of its drill-downs, explanations, changes and downloads."""
