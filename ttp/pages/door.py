"""The door: importing it registers every page on the blueprint that the application serves."""

from __future__ import annotations

from ttp.pages import (
    account,
    api_docs,
    approvals,
    assets_served,
    audit,
    cases,
    clients,
    dashboard,
    decisions,
    domains,
    federation,
    keyring,
    layout,
    login,
    login_with_provider,
    manual,
    persons,
    practice,
    provider_logout,
    pseudonyms,
    quality,
    reidentification,
    webhooks,
)
from ttp.pages.blueprint import pages

__all__ = ["pages"]

_REGISTERED = (
    account,
    api_docs,
    approvals,
    assets_served,
    audit,
    cases,
    clients,
    dashboard,
    decisions,
    domains,
    federation,
    keyring,
    layout,
    login,
    login_with_provider,
    manual,
    persons,
    practice,
    pseudonyms,
    quality,
    reidentification,
    provider_logout,
    webhooks,
)
