"""Prospecting: lists of companies to contact, their sheet, and the conversion of rows to leads."""
