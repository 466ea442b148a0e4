"""What the deployment itself runs."""
