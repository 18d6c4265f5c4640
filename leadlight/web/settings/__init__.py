"""Settings pages for admins."""
