"""From an edition to a post: pure functions, but for `bundle`, which writes the tree."""
