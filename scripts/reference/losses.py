"""Values and gradients of losses from PyTorch in float64: python3 scripts/reference/losses.py > test/fixtures/golden/losses.json"""

import torch
import torch.nn.functional as F

from cases import Cases, draw

cases = Cases(20)


def soft(student, teacher, temperature, reverse=False):
    p, q = F.log_softmax(student / temperature, 1), F.log_softmax(teacher / temperature, 1)
    goal, guess = (p, q) if reverse else (q, p)
    return temperature**2 * F.kl_div(guess, goal, reduction="none", log_target=True).sum(1)


def cross_entropy(logits, target, smoothing=0.0, classWeights=None):
    weight = None if classWeights is None else torch.tensor(classWeights)
    labelled = target.sum(1)
    return labelled * F.cross_entropy(logits, target, weight=weight, label_smoothing=smoothing, reduction="none")


def sparse(logits, labels, smoothing=0.0, ignoreIndex=-100):
    return F.cross_entropy(logits, labels, label_smoothing=smoothing, ignore_index=ignoreIndex, reduction="none")


losses = {
    "softTargets": lambda a, b, o: soft(a, b, o["temperature"]),
    "reverseSoftTargets": lambda a, b, o: soft(a, b, o["temperature"], reverse=True),
    "entropy": lambda a, b, o: torch.distributions.Categorical(logits=a / o["temperature"]).entropy(),
    "crossEntropy": lambda a, b, o: cross_entropy(a, b, **o),
    "sparseCrossEntropy": lambda a, b, o: sparse(a, b, **o),
    "meanSquaredError": lambda a, b, o: F.mse_loss(a, b, reduction="none").flatten(1).mean(1),
    "meanAbsoluteError": lambda a, b, o: F.l1_loss(a, b, reduction="none").flatten(1).mean(1),
    "huber": lambda a, b, o: F.huber_loss(a, b, delta=o["delta"], reduction="none").flatten(1).mean(1),
    "binaryCrossEntropy": lambda a, b, o: F.binary_cross_entropy_with_logits(a, b, reduction="none").flatten(1).mean(1),
    "cosineDistance": lambda a, b, o: F.cosine_embedding_loss(
        a.flatten(1), b.flatten(1), torch.ones(len(a)), reduction="none"
    ),
}


def case(loss, note, a, b, **options):
    cases.add(loss, note, lambda o, a, b: losses[loss](a, b, o), {"a": a, "b": b}, wrt=("a",), **options)


edges = torch.tensor([[40.0, -40.0, 0.0, 40.0], [-40.0, -40.0, -40.0, 40.0], [40.0, 39.0, -40.0, 38.0]])
for name in ("softTargets", "reverseSoftTargets"):
    case(name, "temperature 1", draw(4, 6), draw(4, 6), temperature=1)
    case(name, "temperature 4", draw(4, 6), draw(4, 6), temperature=4)
    case(name, "logits of 40", edges, edges.roll(1, 1), temperature=1)
    case(name, "batch of one, temperature below one", draw(1, 3), draw(1, 3), temperature=0.5)
    case(name, "equal rows", torch.full((2, 5), 3.0), draw(2, 5), temperature=2)
case("entropy", "temperature 1", draw(4, 6), draw(4, 6), temperature=1)
case("entropy", "temperature 3", draw(4, 6), draw(4, 6), temperature=3)
case("entropy", "logits of 40", edges, edges, temperature=1)

mixed = torch.softmax(draw(5, 4), 1)
hot = F.one_hot(torch.tensor([3, 0, 1, 1, 2]), 4).to(torch.float64)
some = hot * torch.tensor([1.0, 0.0, 1.0, 0.0, 1.0])[:, None]
case("crossEntropy", "labels", draw(5, 4), hot)
case("crossEntropy", "soft, smoothed", draw(5, 4), mixed, smoothing=0.1)
case("crossEntropy", "some without a label", draw(5, 4), some, smoothing=0.2)
case("crossEntropy", "weighted", draw(5, 4), mixed, classWeights=[0.5, 1, 2, 0], smoothing=0.3)
case("crossEntropy", "logits of 40", edges, F.one_hot(torch.tensor([1, 0, 0]), 4).to(torch.float64))
case("crossEntropy", "batch of one, no label", draw(1, 4), torch.zeros(1, 4), smoothing=0.1)

case("sparseCrossEntropy", "labels", draw(5, 4), torch.tensor([3, 0, 1, 1, 2]))
case("sparseCrossEntropy", "smoothed", draw(5, 4), torch.tensor([3, 0, 1, 1, 2]), smoothing=0.1)
case("sparseCrossEntropy", "some ignored", draw(5, 4), torch.tensor([3, -100, 1, -100, 2]), smoothing=0.1, ignoreIndex=-100)
case("sparseCrossEntropy", "logits of 40", edges, torch.tensor([1, 0, 0]))

for name in ("meanSquaredError", "meanAbsoluteError"):
    case(name, "vectors", draw(4, 3), draw(4, 3))
    case(name, "maps", draw(2, 3, 2, 2), draw(2, 3, 2, 2))
    case(name, "one number", draw(1, 1), draw(1, 1, scale=1000.0))
case("huber", "delta 1", draw(4, 5), draw(4, 5), delta=1)
case("huber", "delta 0.25", draw(4, 5), draw(4, 5), delta=0.25)
case("huber", "far apart", draw(1, 2, scale=1000.0), draw(1, 2), delta=3)
case("binaryCrossEntropy", "probabilities", draw(4, 3), torch.rand(4, 3))
case("binaryCrossEntropy", "logits of 40", edges, (edges.roll(1, 1) > 0).to(torch.float64))
case("cosineDistance", "vectors", draw(4, 6), draw(4, 6))
case("cosineDistance", "maps", draw(2, 3, 2, 2), draw(2, 3, 2, 2))
case("cosineDistance", "parallel", torch.tensor([[1.0, 2, 3]]), torch.tensor([[2.0, 4, 6]]))

cases.finish()
