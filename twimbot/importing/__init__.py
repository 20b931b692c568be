"""Brings over what a community had before: the catalogue of another bot, the posts that it has published."""
