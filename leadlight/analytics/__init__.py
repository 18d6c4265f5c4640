"""Reports about sales on a star schema. No Django, no HTTP and no clock in this package."""
