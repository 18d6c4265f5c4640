"""A golden copy: every value that the reports give, written down and compared with a later copy."""
