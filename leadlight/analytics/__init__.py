"""Questions about sales, asked of a star of tables. No Django, no HTTP, no clock."""
