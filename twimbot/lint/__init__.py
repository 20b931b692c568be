"""Proof-reading of a whole post, whoever wrote it: its shape, its entries, and what the site's own linters say."""
