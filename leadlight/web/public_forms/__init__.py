"""Pages for visitors without an account: public forms, and the page of a partner."""
