"""Mails to the people of the company: the morning mail, shortcuts, and notifications."""
