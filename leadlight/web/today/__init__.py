"""Today: the work queue of a person, with the lead that is next, ready to act on."""
