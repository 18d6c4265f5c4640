"""Reports for a reader: scope, results and shortcuts, and precompilation of the SQL."""
