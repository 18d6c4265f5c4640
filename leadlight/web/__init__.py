"""What people see: the pages, in their language and their formats."""
