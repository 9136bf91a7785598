"""Up to where people have read."""
