"""Forms that change a lead, one for each verb or field (`catalogue.CHANGES`)."""
