"""Charts of reports: data, Vega-Lite specifications and images."""
