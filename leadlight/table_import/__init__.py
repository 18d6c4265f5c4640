"""Import of tables: leads or clients from any CSV file or workbook, by a mapping of columns."""
