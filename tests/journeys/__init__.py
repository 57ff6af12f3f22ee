"""Whole stories, told by the program itself."""
