"""What makes the pages and documents that are checked in."""
