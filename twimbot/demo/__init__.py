"""A real homeserver on this machine and people who speak to it: for `twimbot demo` and for the tests."""
