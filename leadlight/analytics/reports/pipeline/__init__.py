"""Reports on the steps of a pipeline."""
