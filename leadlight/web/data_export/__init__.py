"""Export of whole tables for reporting in other programs."""
