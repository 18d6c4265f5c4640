"""Activity feed: the events and activities of the leads that a user may see."""
