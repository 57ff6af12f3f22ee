"""Quality: what a linkage is worth, estimated without the truth, and a report to look at."""
