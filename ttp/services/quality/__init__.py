"""The quality desk: second opinions, planted pairs, and what they show."""
