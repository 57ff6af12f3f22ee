"""Transfers, date shifts and salts."""
