"""The pages in a real browser, against a real server on a free port of this machine."""
