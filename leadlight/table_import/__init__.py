"""Import of tables: rows of several kinds from any CSV file or workbook, by mapped columns."""
