"""Matching models: learned, compared, activated, and what a pair weighs by them."""
