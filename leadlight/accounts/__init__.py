"""Organisation, users, teams and roles."""
