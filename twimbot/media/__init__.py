"""Turns files that strangers sent into ones that may be published."""
