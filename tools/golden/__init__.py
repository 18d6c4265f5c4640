"""Golden copy: every figure of the reports in files, to be compared with a later copy."""
