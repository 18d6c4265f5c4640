"""Forecast of open leads, and the probabilities of the steps."""
