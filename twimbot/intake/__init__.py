"""From a message to an entry's text: is it for the bot, and what does it say. Pure functions, no I/O."""
