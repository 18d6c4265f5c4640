"""The demo company: three invented years of a French-speaking sales house, as a company folder."""
