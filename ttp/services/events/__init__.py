"""Events: announced in the transaction of an act, read as a feed, delivered to webhooks."""
