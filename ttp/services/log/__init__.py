"""The audit log: leaves recorded, placed, checked, judged, anchored, exported and searched."""
