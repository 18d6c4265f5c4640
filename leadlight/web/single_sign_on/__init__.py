"""Single sign-on at the identity provider."""
