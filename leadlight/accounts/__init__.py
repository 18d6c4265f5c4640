"""Who works here: the organisation, its users, teams and roles."""
