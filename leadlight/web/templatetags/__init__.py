"""Template tags and filters: menu, formats and contact links."""
