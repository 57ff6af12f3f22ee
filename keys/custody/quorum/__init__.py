"""Quorum custody: no one holds the root key; any `threshold` of the custodians open it together.

Every share can be checked on its own, so a false one is named before it can do harm.
"""

from keys.custody.quorum.collector import Accepted, Collector
from keys.custody.quorum.dealing import Dealt, confirm, create, reshare, unseal
from keys.custody.quorum.share import Share
from keys.custody.quorum.sheet import lines_of, sheet
from keys.custody.quorum.statement import Custodian, Statement

__all__ = [
    "Accepted",
    "Collector",
    "Custodian",
    "Dealt",
    "Share",
    "Statement",
    "confirm",
    "create",
    "lines_of",
    "reshare",
    "sheet",
    "unseal",
]
