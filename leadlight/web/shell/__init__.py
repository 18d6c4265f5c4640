"""Common parts of all pages: sign-in, languages, security headers and error pages."""
