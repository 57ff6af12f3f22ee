"""The JSON API v1: one file per concept; parse, authorize, call a service, answer."""
