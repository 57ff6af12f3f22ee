"""Obey parents: in a domain with parents an original has to be a pseudonym of one of them, as the rule says."""

from __future__ import annotations

from collections.abc import Sequence

from ttp.core.center import Center
from ttp.core.domain_policy import ParentRule
from ttp.core.domains import Domain
from ttp.core.errors import InvalidOriginal, TTPError
from ttp.core.names import Original, Pseudonym
from ttp.core.ports import Transaction

Checked = list[Original | TTPError]


class NotAParentPseudonym(InvalidOriginal):
    """The rule of this domain wants originals that are pseudonyms of a parent domain."""

    code = "not-a-parent-pseudonym"


def obey_parents(center: Center, tx: Transaction, domain: Domain, originals: Checked) -> Checked:
    """The originals, with an error in the place of each that is no pseudonym of any parent.

    One statement a parent, whatever the size of the batch; none where the rule is off or only validates.
    """
    if domain.parent_rule is ParentRule.OFF:
        return originals
    parents = tx.domains.parents(domain)
    given = sorted({item for item in originals if isinstance(item, str)})
    good: set[str] = set()
    for parent in parents:
        good |= _pseudonyms_of(
            center, tx, domain, parent, [one for one in given if one not in good]
        )
    return [
        item if isinstance(item, TTPError) or item in good else NotAParentPseudonym()
        for item in originals
    ]


def _pseudonyms_of(
    center: Center, tx: Transaction, domain: Domain, parent: Domain, given: Sequence[str]
) -> set[str]:
    fitting = [Pseudonym(one) for one in given if parent.form.fits(one)]
    if domain.parent_rule is ParentRule.VALIDATE:
        return set(fitting)
    now = center.clock.now()
    standing = tx.pseudonym_states.standing(parent, fitting)
    return {one for one, found in standing.items() if found.is_active(now)}
