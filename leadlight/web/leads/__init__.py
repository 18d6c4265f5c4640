"""Pages of leads: the list, and the page of one lead."""
