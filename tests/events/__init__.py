"""The feed of events and webhooks."""
