"""From the store to a published edition: gathers what a post is made from, and carries out exports."""
