"""Calendar feed of a person, and its address in their settings."""
