"""Demo company: three simulated years of a French-speaking company, as a company folder."""
