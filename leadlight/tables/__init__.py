"""Uploaded and pasted tables: CSV files, workbooks and cells, their values and their columns.

`open_table` and `paste` read a table as text, `values` parses its cells, and `matching` finds the
field of each column. The package does not depend on the database or on the use of a table.
"""

from leadlight.tables.opening import Unreadable
from leadlight.tables.reading import open_table, paste
from leadlight.tables.table_file import (
    AMBIGUOUS,
    Choices,
    Column,
    Found,
    Row,
    TableFile,
)

__all__ = [
    "AMBIGUOUS",
    "Choices",
    "Column",
    "Found",
    "Row",
    "TableFile",
    "Unreadable",
    "open_table",
    "paste",
]
