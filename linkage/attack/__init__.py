"""Attack: parameters are attacked by their owners before anybody else does it.

Four gates: what is linear in the real encodings (rank), what will be (leakage index), whom an
attacker finds on a twin of the schema (attack), and what equal encodings tell (equality).
"""

from linkage.attack.policy import PROTECTED, Policy, load_policy
from linkage.attack.study import Study, examine

__all__ = ["PROTECTED", "Policy", "Study", "examine", "load_policy"]
