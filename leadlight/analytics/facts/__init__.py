"""Facts: the rows from which the figures of reports are computed."""
