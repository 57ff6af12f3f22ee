"""What all doors share: authentication, problems, limits, idempotency; no door is known here."""
