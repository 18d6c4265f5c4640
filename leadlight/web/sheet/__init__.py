"""The sheet of a prospecting list: its page, its cells, and the panel of a row."""
