"""Somebody who imports, translates, traces, judges and erases: each call is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.services.pseudonyms.asking import Asking
from ttp.core.domains import Domain
from ttp.core.pseudonym_tree import Tree
from ttp.services.pseudonyms.erase_originals import Erasure, erase_everywhere, erase_originals
from ttp.services.pseudonyms.import_pairs import import_pairs
from ttp.services.pseudonyms.judge_pseudonyms import Judged, judge_pseudonyms
from ttp.services.pseudonyms.trace_pseudonyms import trace_pseudonyms
from ttp.services.pseudonyms.translate_pseudonyms import translate_pseudonyms


def bring(ask: Asking, domain: Domain, pairs: Sequence[object], **how: Any) -> list[Any]:
    """Import pairs."""
    return list(
        ask.center.work.run(
            lambda tx: import_pairs(
                ask.center, tx, ask.actor, domain_name=domain.name, pairs=pairs, **how
            )
        )
    )


def translate(
    ask: Asking, source: Domain, target: Domain, pseudonyms: Sequence[object], **how: Any
) -> list[Any]:
    """Translate; the reason is a test unless given."""
    how = {"reason": "a test", **how}
    return list(
        ask.center.work.run(
            lambda tx: translate_pseudonyms(
                ask.center,
                tx,
                ask.actor,
                domain_name=source.name,
                into=target.name,
                pseudonyms=pseudonyms,
                **how,
            )
        )
    )


def tree(ask: Asking, domain: Domain, **how: Any) -> Tree:
    """The tree around ``pseudonym`` or ``original``; the reason is a test unless given."""
    how = {"reason": "a test", **how}
    return ask.center.work.run(
        lambda tx: trace_pseudonyms(ask.center, tx, ask.actor, domain_name=domain.name, **how)
    )


def names(found: Tree) -> list[tuple[str, str]]:
    """Every node of a tree."""
    return sorted((node.domain, node.pseudonym) for node in found.nodes())


def judge(
    ask: Asking, domain: Domain, texts: Sequence[object], *, exists: bool = False
) -> list[Judged]:
    """Judge texts."""
    return ask.center.work.run(
        lambda tx: judge_pseudonyms(
            ask.center, tx, ask.actor, domain_name=domain.name, pseudonyms=texts, exists=exists
        )
    )


def erase(ask: Asking, pairs: Sequence[tuple[str, object]], *, below: bool = False) -> Erasure:
    """Erase pairs of domain and original."""
    return ask.center.work.run(
        lambda tx: erase_originals(ask.center, tx, ask.actor, pairs=pairs, below=below)
    )


def erase_all(ask: Asking, original: str, **how: Any) -> Erasure:
    """Erase an original everywhere."""
    return ask.center.work.run(
        lambda tx: erase_everywhere(ask.center, tx, ask.actor, original=original, **how)
    )


def parented(ask: Asking, child: Domain, *parents: Domain) -> Domain:
    """The child, under these parents."""
    ask.center.work.run(
        lambda tx: tx.domains.set_parents(tx.domains.get(child.name), list(parents))
    )
    return child


def family(ask: Asking) -> Iterator[Domain]:
    """A parent, its two children, and a grandchild below both."""
    top, left, right, below = (ask.domain() for _ in range(4))
    parented(ask, left, top)
    parented(ask, right, top)
    parented(ask, below, left, right)
    yield from (top, left, right, below)
