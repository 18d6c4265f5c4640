"""Reports on sellers and teams."""
