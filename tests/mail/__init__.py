"""Reading of received mails."""
