"""The columnar copy of the operational data that reports are computed on."""
