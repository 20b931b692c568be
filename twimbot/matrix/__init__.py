"""The only room that knows nio: the homeserver's side of everything."""
