"""Sign-in by OpenID Connect: the authorization code flow with one identity provider."""
