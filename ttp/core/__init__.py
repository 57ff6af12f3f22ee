"""The words and rules of a trust center: pure, without I/O, ignorant of everything above it."""
