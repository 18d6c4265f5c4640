"""Results as tables, CSV, JSON and XLSX."""
