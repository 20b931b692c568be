"""The catalogue as it lives: the file's, with the changes that were made in the room on top, and back into a file."""
