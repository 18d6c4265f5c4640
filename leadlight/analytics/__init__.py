"""Sales reports on a star schema. This package uses no Django, no HTTP and no clock."""
