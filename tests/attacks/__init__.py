"""Attacks: what a thief would try, written down as programs, each with a target weak enough to prove that it works."""
