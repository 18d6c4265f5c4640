"""Overview page: headline figures, goals and anomalies of the current month."""
