"""Definitions of figures: columns, predicates and the figures that reports share."""
