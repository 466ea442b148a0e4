"""What gets deployed: constructs that other stacks can use, and the two stacks that compose them."""
