"""Errors of attacks and advice: what cannot be measured is refused before hours are spent on it."""

from linkage.errors import LinkageError


class PolicyInvalid(LinkageError):
    """A policy that does not exist, or a policy file that breaks a rule."""

    code = "policy-invalid"

    def __init__(self, rule: str) -> None:
        super().__init__(f"The attack policy cannot be used: {rule}.")


class AttackTooSmall(LinkageError):
    """Too few persons for an attack to say anything."""

    code = "attack-too-small"

    def __init__(self, least: int) -> None:
        super().__init__(f"An attack needs at least {least} records on each side.")


class NoTwin(LinkageError):
    """A column for which no made-up values exist, so that the schema cannot be attacked."""

    code = "no-twin"

    def __init__(self, column: str) -> None:
        super().__init__(f"No made-up values are known for the column {column!r}.")


class StudyInvalid(LinkageError):
    """A file of earlier measurements that cannot be read or belongs to another question."""

    code = "study-invalid"

    def __init__(self, rule: str) -> None:
        super().__init__(f"The file of earlier measurements cannot be used: {rule}.")
