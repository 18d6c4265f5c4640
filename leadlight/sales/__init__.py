"""The operational truth: pipelines, leads and their history, activities, prospecting, clients."""
