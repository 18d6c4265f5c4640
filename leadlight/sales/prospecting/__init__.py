"""Prospecting: lists of companies to contact, their sheet, and the way from a row to a lead."""
