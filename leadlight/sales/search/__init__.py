"""Search of leads, clients and prospects by words, phone numbers and e-mail addresses.

`words` defines the words of a row, `tables` the full-text index of each database, `writing` keeps
both up to date, and `finding` reads them for one user.
"""
