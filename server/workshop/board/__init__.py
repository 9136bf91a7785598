"""The board: ideas, zones, and what is done to them."""
