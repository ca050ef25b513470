"""Losses over several heads from PyTorch in float64: python3 scripts/reference/heads.py > test/fixtures/golden/heads.json"""

import torch
import torch.nn.functional as F

from cases import Cases, draw

cases = Cases(47)


def cross_entropy(o, student, target):
    """Each head for itself: rows whose label is in another one give 0."""
    total = torch.zeros(len(student))
    for head in o["heads"]:
        own = target[:, head]
        weights = torch.tensor(o["classWeights"])[head] if "classWeights" in o else torch.ones(len(head))
        log_p = torch.log_softmax(student[:, head], 1) * weights
        smooth = (1 - o["smoothing"]) * own + o["smoothing"] * own.sum(1, keepdim=True) / len(head)
        total = total - (smooth * log_p).sum(1)
    return total


def soft_targets(o, student, teacher):
    total = torch.zeros(len(student))
    for head in o["heads"]:
        q, p = (torch.log_softmax(z[:, head] / o["temperature"], 1) for z in (student, teacher))
        total = total + o["temperature"] ** 2 * F.kl_div(q, p, reduction="none", log_target=True).sum(1)
    return total


one_hot = lambda labels, k: F.one_hot(torch.tensor(labels), k).double()
pairs = [[0, 1], [2, 3], [4, 5]]
labels = one_hot([0, 3, 4, 2, 1], 6)
cases.add("crossEntropyInHeads", "a head for each task", cross_entropy, {"student": draw(5, 6), "target": labels}, heads=pairs, smoothing=0)
cases.add("crossEntropyInHeads", "classes in no head, out of order", cross_entropy, {"student": draw(5, 6), "target": labels}, heads=[[4, 0], [1]], smoothing=0)
cases.add(
    "crossEntropyInHeads",
    "smoothing within a head, class weights",
    cross_entropy,
    {"student": draw(5, 6), "target": labels},
    heads=[[5, 0, 2], [1, 3]],
    smoothing=0.25,
    classWeights=[1, 2, 0.5, 3, 1, 0.25],
)
mixed = 0.75 * labels + 0.25 * labels.roll(1, 0)
cases.add("crossEntropyInHeads", "mixed labels", cross_entropy, {"student": draw(5, 6), "target": mixed}, heads=pairs, smoothing=0)
cases.add("softTargetsInHeads", "two old tasks", soft_targets, {"student": draw(4, 6), "teacher": draw(4, 6)}, heads=pairs[:2], temperature=2)
cases.add("softTargetsInHeads", "of unlike size", soft_targets, {"student": draw(4, 6), "teacher": draw(4, 6)}, heads=[[3, 5, 1], [0, 4]], temperature=1)

cases.finish()
