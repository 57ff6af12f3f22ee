"""Pseudonyms: issued, drawn or derived, resolved, ended, imported, judged, translated and traced."""
