"""Operational data: pipelines, leads and their history, activities, prospecting, clients."""
