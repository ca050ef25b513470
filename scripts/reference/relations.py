"""Relations between examples, loop by loop as the papers write them: python3 scripts/reference/relations.py > test/fixtures/golden/relations.json"""

import math

import torch
import torch.nn.functional as F

from cases import Cases, draw

cases = Cases(31)


def distance(a, b):
    """Euclidean, without the slope of infinity at zero."""
    return (a - b).norm() if (a != b).any() else torch.zeros(())


def unit(v):
    return v / v.norm() if (v != 0).any() else 0 * v


def matrix(x, f):
    return torch.stack([torch.stack([f(a, b) for b in x]) for a in x])


def rkd_distance(s, t):
    n = len(s)

    def psi(x):
        d = matrix(x, distance)
        total = d.sum()
        return d if total == 0 else d / (total / (n * (n - 1)))

    return F.smooth_l1_loss(psi(s), psi(t), reduction="none").mean(1)


def rkd_angle(s, t, corners=None):
    def angles(x):
        zero = torch.zeros(())
        e = lambda a, b: unit(a - b)
        return torch.stack([matrix(x, lambda a, b, c=c: e(a, c) @ e(b, c) if (a != c).any() and (b != c).any() else zero) for c in x])

    values = F.smooth_l1_loss(angles(s), angles(t), reduction="none").mean((1, 2))
    if corners is None:
        return values
    return torch.cat([values[:corners] * len(s) / corners, torch.zeros(len(s) - corners)])


cosines = lambda x: matrix(x, lambda a, b: unit(a) @ unit(b))


def cosine_gram(s, t):
    return ((cosines(s) - cosines(t)) ** 2).mean(1)


def mean_cosine(s, t):
    return ((cosines(s).mean() - cosines(t).mean()) ** 2).expand(len(s))


def sp(s, t):
    g = lambda x: torch.stack([unit(row) for row in x @ x.T])
    return ((g(s) - g(t)) ** 2).mean(1)


def pkt(s, t, form):
    n = len(s)

    def picks(x):
        k = (cosines(x) + 1) / 2
        if form == "paper":
            k = k * (1 - torch.eye(n))
        return k / k.sum(1, keepdim=True) if n > 1 or form == "code" else k

    p, q = picks(s), picks(t)
    kl = (q * torch.log((q + 1e-7) / (p + 1e-7))).sum(1)
    return kl / n if form == "code" else kl


def cc(s, t, gamma=0.4, order=None):
    def k(a, b):
        c = unit(a) @ unit(b)
        if order is None:
            return torch.exp(-gamma * (2 - 2 * c))
        return sum(math.exp(-2 * gamma) * (2 * gamma) ** p / math.factorial(p) * c**p for p in range(order + 1))

    return ((matrix(s, k) - matrix(t, k)) ** 2).mean(1)


def neighbours(s, t):
    n = len(s)
    d = (s - t).abs()
    return torch.stack([(d[i] * d[i + 1]).sum() * n / (n - 1) for i in range(n - 1)] + [torch.zeros(())])


def dark_rank(s, t, alpha, beta, length, unit=False):
    if unit:
        s, t = (x / x.norm(dim=1, keepdim=True) for x in (s, t))
    rows = []
    for i in range(len(s)):
        order = sorted((j for j in range(len(s)) if j != i), key=lambda j: float(distance(t[i], t[j])))[:length]
        scores = torch.stack([-alpha * distance(s[i], s[j]) ** beta for j in order])
        rows.append(-sum(scores[j] - torch.logsumexp(scores[j:], 0) for j in range(len(order))))
    return torch.stack(rows)


losses = {
    "rkdDistance": rkd_distance,
    "rkdAngle": rkd_angle,
    "cosineGram": cosine_gram,
    "meanCosine": mean_cosine,
    "similarityPreserving": sp,
    "pkt": pkt,
    "correlation": cc,
    "neighbourDifferences": neighbours,
    "darkRank": dark_rank,
}


def case(loss, note, student, teacher, tolerance=None, **options):
    # Some are constant for a batch of one.
    run = lambda o, student, teacher: losses[loss](student.flatten(1), teacher.flatten(1), **o) + 0 * student.sum()
    cases.add(loss, note, run, {"student": student, "teacher": teacher}, tolerance=tolerance, **options)


maps = draw(4, 2, 2, 2)
twins = draw(4, 3)[[0, 1, 1, 2]]
large = torch.tensor([[40.0, -40, 40], [-40, 40, 40], [40, 40, -40], [0, 1, 40]])

for name, options in [
    ("rkdDistance", {}),
    ("rkdAngle", {}),
    ("cosineGram", {}),
    ("meanCosine", {}),
    ("similarityPreserving", {}),
    ("pkt", {"form": "code"}),
    ("pkt", {"form": "paper"}),
    ("correlation", {"order": 2}),
    ("correlation", {"gamma": 2}),
]:
    # Small differences of numbers near one.
    loose = 1e-4 if name in ("pkt", "correlation") else None
    case(name, "vectors", draw(5, 3), draw(5, 4), loose, **options)
    case(name, "maps, and a small teacher", maps, draw(4, 3, scale=0.01), loose, **options)
    case(name, "of 40", large, draw(4, 5), loose, **options)
    case(name, "equal rows", twins, draw(4, 3), loose, **options)
    case(name, "equal rows of the teacher", draw(4, 3), twins, loose, **options)
case("rkdDistance", "batch of one", draw(1, 3), draw(1, 3))
case("rkdAngle", "two corners", draw(4, 3), draw(4, 5), corners=2)
case("rkdAngle", "batch of one", draw(1, 3), draw(1, 3))
case("pkt", "batch of one", draw(1, 3), draw(1, 3), form="paper")
case("cosineGram", "a row of zeros", draw(4, 3) * torch.tensor([[1.0], [0], [1], [1]]), draw(4, 3))
case("rkdDistance", "all rows equal", torch.full((3, 2), 3.3), draw(3, 4))
case("neighbourDifferences", "vectors", draw(4, 3), draw(4, 3))
case("neighbourDifferences", "maps of 40", draw(2, 2, 2, 2, scale=40.0), draw(2, 2, 2, 2))
case("darkRank", "the three nearest", draw(6, 4, scale=0.5), draw(6, 5), alpha=2, beta=1, length=3)
case("darkRank", "all others", draw(4, 3, scale=0.5), draw(4, 3), alpha=3, beta=3, length=9)
case("darkRank", "of 40", large, draw(4, 3), alpha=1, beta=1, length=2)
case("darkRank", "equal rows", twins, draw(4, 3), alpha=1, beta=2, length=2)

case("darkRank", "rows at length one", draw(4, 2, 2), draw(4, 3), alpha=3, beta=3, length=3, unit=True)

cases.finish()
