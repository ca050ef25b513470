"""Attention of transformers, query by query: python3 scripts/reference/attention.py > test/fixtures/golden/attention.json"""

import math

import torch
import torch.nn.functional as F

from cases import Cases, draw

cases = Cases(32)
hidden = -100.0


def merged(x, n, f=lambda x: x):
    """Means of neighbouring heads of f(x)."""
    return torch.stack([f(part).mean(1) for part in x.chunk(n, dim=1)], 1)


def count(student, teacher, rule):
    a, b = student.shape[1], teacher.shape[1]
    return a if a == b else (1 if rule == "mean" else min(a, b))


def probabilities(x, given):
    """Softmax over the open positions of a row, zeros where all are masked."""
    if given == "probabilities":
        return x
    rows = [r[r > hidden] for r in x.reshape(-1, x.shape[-1])]
    full = []
    for r, kept in zip(x.reshape(-1, x.shape[-1]), rows):
        out = torch.zeros_like(r)
        if len(kept):
            out = out.masked_scatter(r > hidden, torch.softmax(kept, 0))
        full.append(out)
    return torch.stack(full).reshape(x.shape)


def opened(student, teacher, given):
    limit = hidden if given == "scores" else 0.0
    return (student > limit) | (teacher > limit)


def mean_of(x, mask):
    return torch.stack([v[m].mean() if m.any() else v.sum() * 0 for v, m in zip(x, mask)])


def scores(student, teacher, heads="mean", padding="omit"):
    n = count(student, teacher, heads)
    s, t = merged(student, n), merged(teacher, n)
    mask = opened(s, t, "scores")
    clear = lambda x: torch.where(x > hidden, x, torch.zeros_like(x))
    squared = (clear(s) - clear(t)) ** 2
    return squared.flatten(1).mean(1) if padding == "zero" else mean_of(squared, mask)


def sides(student, teacher, given, heads):
    n = count(student, teacher, heads)
    mask = opened(merged(student, n), merged(teacher, n), given)
    p, q = (merged(x, n, lambda x: probabilities(x, given)) for x in (student, teacher))
    return p, q, mask


def squares(student, teacher, given="scores", heads="mean", padding="omit"):
    p, q, mask = sides(student, teacher, given, heads)
    squared = (p - q) ** 2
    return squared.flatten(1).mean(1) if padding == "zero" else mean_of(squared, mask)


def divergence(student, teacher, given="scores", heads="mean", padding="omit"):
    p, q, mask = sides(student, teacher, given, heads)
    one = torch.ones(())
    # 0·log 0 is 0.
    terms = torch.where(mask & (q > 0), q * (torch.where(q > 0, q, one).log() - torch.where(p > 0, p, one).log()), 0 * q)
    rows = terms.sum(-1)
    return rows.flatten(1).mean(1) if padding == "zero" else mean_of(rows, mask.any(-1))


def self_relations(student, teacher, heads=None, open=None):
    def relation(x):
        B, H, L, d = x.shape
        n = heads or min(student.shape[1], teacher.shape[1])
        joined = torch.cat([x[:, h] for h in range(H)], -1)
        parts = torch.stack(joined.chunk(n, -1), 1)
        dots = torch.einsum("bhid,bhjd->bhij", parts, parts) / parts.shape[-1] ** 0.5
        return dots if open is None else torch.where(open > 0, dots, torch.full((), -math.inf))

    B, _, L, _ = student.shape
    values = []
    for s, t, rows in zip(relation(student), relation(teacher), torch.ones(B, L) if open is None else open[:, 0].amax(-1)):
        kept = [(F.log_softmax(s[:, i], 1), F.log_softmax(t[:, i], 1)) for i in range(L) if rows[i] > 0]
        kept = [(p[:, (q > -math.inf)[0]], q[:, (q > -math.inf)[0]]) for p, q in kept]
        values.append(torch.stack([(q.exp() * (q - p)).sum(1).mean() for p, q in kept]).mean())
    return torch.stack(values)


losses = {
    "attentionScores": scores,
    "attentionSquares": squares,
    "attentionDivergence": divergence,
    "selfRelations": self_relations,
}


def case(loss, note, student, teacher, **options):
    run = lambda o, **given: losses[loss](**given, **o)
    cases.add(loss, note, run, {"student": student, "teacher": teacher}, **options)


def padded(x, lengths, fill=-10000.0):
    """Scores with the keys behind each length masked."""
    keys = torch.arange(x.shape[-1])
    return torch.stack([torch.where(keys < n, row, torch.full((), fill)) for row, n in zip(x, lengths)])


def far(*shape):
    return torch.where(torch.rand(*shape) < 0.5, -40.0, 40.0)


for name in ("attentionScores", "attentionSquares", "attentionDivergence"):
    case(name, "equal heads", draw(2, 2, 3, 3), draw(2, 2, 3, 3))
    case(name, "one head without an axis, batch of one", draw(1, 3, 3)[:, None], draw(1, 1, 3, 3))
    case(name, "padding", padded(draw(2, 2, 3, 3), [2, 3]), padded(draw(2, 2, 3, 3), [2, 3]))
    case(name, "padding counted", padded(draw(2, 2, 3, 3), [2, 3]), padded(draw(2, 2, 3, 3), [2, 3]), padding="zero")
    case(name, "a fully masked example", padded(draw(2, 2, 2, 2), [0, 2]), padded(draw(2, 2, 2, 2), [0, 2]))
    case(name, "unlike heads, mean", padded(draw(2, 2, 2, 2), [1, 2]), padded(draw(2, 3, 2, 2), [1, 2]))
    case(name, "unlike heads, groups", draw(2, 2, 2, 2), draw(2, 4, 2, 2), heads="group")
    case(name, "scores of 40", far(2, 2, 3, 3), far(2, 2, 3, 3))
    case(name, "equal rows", torch.full((2, 1, 3, 3), 2.0), draw(2, 1, 3, 3))

quarters = lambda *rows: torch.tensor(rows).reshape(1, 1, len(rows), -1) / 4
given = (quarters([1.0, 3, 0], [2, 2, 0], [0, 0, 0]), quarters([3.0, 1, 0], [1, 3, 0], [0, 0, 0]))
for name in ("attentionSquares", "attentionDivergence"):
    case(name, "probabilities, a key and a query masked", *given, given="probabilities")
    case(name, "probabilities of unlike heads", given[0], torch.cat([given[1], given[0]], 1), given="probabilities")

case("selfRelations", "equal heads, unlike widths", draw(2, 2, 3, 2), draw(2, 2, 3, 4))
case("selfRelations", "unlike heads", draw(2, 2, 3, 2), draw(2, 4, 3, 3))
case("selfRelations", "relation heads", draw(2, 2, 3, 3), draw(2, 3, 3, 2), heads=6)
case("selfRelations", "of 40, batch of one", far(1, 2, 3, 2), far(1, 2, 3, 2))
case("selfRelations", "equal rows", torch.full((2, 1, 3, 2), 2.0), draw(2, 1, 3, 2))
mask = torch.tensor([[1.0, 1, 0], [1, 1, 0], [0, 0, 0]]).expand(2, 1, 3, 3)
cases.add(
    "selfRelations",
    "masked",
    lambda o, student, teacher, open: self_relations(student, teacher, open=open),
    {"student": draw(2, 2, 3, 2), "teacher": draw(2, 2, 3, 2), "open": mask},
)

cases.finish()
