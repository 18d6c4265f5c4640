"""Export of results as sheets, JSON, CSV, XLSX and Parquet."""
