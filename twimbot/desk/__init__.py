"""The heart: decides what an event means, and records it."""
