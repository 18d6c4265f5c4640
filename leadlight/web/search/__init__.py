"""Search of leads, clients and prospects."""
