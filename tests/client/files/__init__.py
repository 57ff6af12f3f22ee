"""Files: what is not meant keeps its bytes."""
