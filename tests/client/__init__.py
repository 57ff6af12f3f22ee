"""The client library against real centers."""
