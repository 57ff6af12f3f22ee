"""Decide: from levels of agreement to a score, from scores to links, without being told the truth."""
