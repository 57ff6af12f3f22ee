"""Work in the background, and what a center looks like as a whole."""
