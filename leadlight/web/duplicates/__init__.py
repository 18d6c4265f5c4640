"""Pages of probable duplicates: comparison and merge of two leads, and the list for admins."""
