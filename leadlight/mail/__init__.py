"""Reading of e-mail messages, from bytes to the parts by which a lead is found. Stores nothing."""
