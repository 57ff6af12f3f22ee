"""The client library: speaks to a center over HTTP and imports nothing of the service."""
