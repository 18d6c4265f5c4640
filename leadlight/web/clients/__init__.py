"""Pages of clients: the list with a form for a new one, and the page of one client."""
