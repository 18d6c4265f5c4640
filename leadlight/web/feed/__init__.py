"""Activity feed: what happened on the leads that a user may see."""
