"""Pages about leads: the list and the page of one."""
