"""What people are asked, and what comes of it."""
