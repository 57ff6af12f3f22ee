"""What all doors share, seen over HTTP."""
