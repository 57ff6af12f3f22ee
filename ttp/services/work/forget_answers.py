"""Forget answers: what was kept for repeated requests goes after 24 hours."""

from __future__ import annotations

from datetime import timedelta

from ttp.core.center import Center
from ttp.core.idempotency import KEPT_HOURS
from ttp.core.ports import Transaction


def forget_answers(center: Center, tx: Transaction) -> int:
    """Delete kept answers older than 24 hours; returns 0, for there is nothing to hurry about."""
    tx.idempotency.forget_before(center.clock.now() - timedelta(hours=KEPT_HOURS))
    return 0
