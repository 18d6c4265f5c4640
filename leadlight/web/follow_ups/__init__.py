"""Progress of follow-ups: one by one, by template and by client."""
