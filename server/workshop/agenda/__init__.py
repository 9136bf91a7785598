"""The way through the workshop."""
