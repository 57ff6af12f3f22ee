"""Refusals of a comparison: what the linking side declines to do, each with what to do instead."""

from collections.abc import Sequence

from linkage.errors import LinkageError


class TooManyPairs(LinkageError):
    """More pairs reach the threshold than the caller is ready to hold."""

    code = "too-many-pairs"

    def __init__(self, limit: int, threshold: float) -> None:
        super().__init__(
            f"More than {limit} pairs reach a Dice coefficient of {threshold:g}; "
            "use a higher threshold or allow more pairs."
        )
        self.limit = limit


class Cancelled(LinkageError):
    """The caller asked to stop; nothing was changed."""

    code = "cancelled"

    def __init__(self) -> None:
        super().__init__("The comparison was cancelled.")


class ThresholdInvalid(LinkageError):
    """A similarity threshold outside (0, 1], or one in bits that is no finite number."""

    code = "threshold-invalid"

    def __init__(self, *, bits: bool = False) -> None:
        rule = "a finite number of bits" if bits else "greater than 0 and at most 1"
        super().__init__(f"The threshold must be {rule}.")


class FilterShapeInvalid(LinkageError):
    """Filters that are not a table of 64-bit words, or two tables of different width."""

    code = "filter-shape-invalid"

    def __init__(self, rule: str) -> None:
        super().__init__(f"The filters cannot be compared: {rule}.")


class UnknownEngine(LinkageError):
    """A compute engine that does not exist or is not installed."""

    code = "unknown-engine"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"There is no engine {name!r} here; known: {', '.join(known)}.")


class ClusterMissing(LinkageError):
    """Tiles were to go to a cluster that cannot be had."""

    code = "cluster-missing"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The cluster cannot be used: {reason}.")


class IndexGone(LinkageError):
    """The process that owns a search index ended, or does not share it with this one."""

    code = "index-gone"

    def __init__(self) -> None:
        super().__init__("The search index cannot be read: its owner ended or does not share it.")


class LevelsInvalid(LinkageError):
    """A table of levels and weights of a view that cannot be read."""

    code = "levels-invalid"

    def __init__(self, rule: str) -> None:
        super().__init__(f"The levels of a view cannot be used: {rule}.")


class LimitTooLow(LinkageError):
    """A limit that pairs reach although no view is alike."""

    code = "limit-too-low"

    def __init__(self, limit: float) -> None:
        super().__init__(
            f"Pairs alike in no view would reach a summed score of {limit:g}; use a higher limit."
        )


class TooFewSources(LinkageError):
    """A linkage of fewer than two sources."""

    code = "too-few-sources"

    def __init__(self) -> None:
        super().__init__("A linkage needs at least two sources.")


class DuplicateSource(LinkageError):
    """Two inputs with one source name; their records could not be told apart in the result."""

    code = "duplicate-source"

    def __init__(self, source: str) -> None:
        super().__init__(f"Two inputs are named {source!r}; give each source a name of its own.")


class UnknownSource(LinkageError):
    """A source is said to have duplicates that is not among those to be linked."""

    code = "unknown-source"

    def __init__(self, source: str) -> None:
        super().__init__(f"No input is named {source!r}; a source is named after its file.")


class ParametersInvalid(LinkageError):
    """A weight table that lacks a field or level, or is of another version."""

    code = "parameters-invalid"

    def __init__(self, rule: str) -> None:
        super().__init__(f"The matching parameters cannot be used: {rule}.")


class TruthInvalid(LinkageError):
    """A file of true pairs that cannot be read."""

    code = "truth-invalid"

    def __init__(self, rule: str) -> None:
        super().__init__(f"The file of true pairs cannot be read: {rule}.")


class PairsInvalid(LinkageError):
    """A file of judged or reviewed pairs that cannot be read."""

    code = "pairs-invalid"

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"{name} cannot be read as pairs: {rule}.")


class ThinnedViews(LinkageError):
    """Encodings whose views are thinned hide look-alikes inside their source on purpose."""

    code = "thinned-views"

    def __init__(self, source: str) -> None:
        super().__init__(
            f"{source} has thinned views, which hide duplicates inside a source: "
            "find them in clear, or in encodings of another schema."
        )
