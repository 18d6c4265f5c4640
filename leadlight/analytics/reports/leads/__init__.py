"""Reports on leads by the day of their creation."""
