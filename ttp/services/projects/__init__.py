"""Projects: proposed, encoded and submitted, linked, given pseudonyms and evidence."""
