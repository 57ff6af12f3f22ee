"""Weighing: two records in clear are one person, relatives, twins or strangers; bits say which.

Unlike `linkage.score`, which serves two registers that are compared once, this is for a register that grows record by
record: values weigh by their frequency in it, and what could be relatives is charged by how likely relatives are.
"""

from linkage.weighing.agreement import Agreement
from linkage.weighing.frequencies import Frequencies
from linkage.weighing.model import WeighingModel, load_model, model_from
from linkage.weighing.weigh import Weighed, weigh

__all__ = [
    "Agreement",
    "Frequencies",
    "Weighed",
    "WeighingModel",
    "load_model",
    "model_from",
    "weigh",
]
