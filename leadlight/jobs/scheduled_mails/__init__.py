"""Mails that people get on a schedule: the morning mail, and shortcuts with their files."""
