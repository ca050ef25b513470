"""Values and gradients from PyTorch in float64: what a synthesiser of examples minimises. One number for a whole batch.

python3 scripts/reference/synthesis.py > test/fixtures/golden/synthesis.json
"""

import torch
import torch.nn.functional as F

from cases import Cases, draw

cases = Cases(67)


def add(kind, note, function, inputs, wrt, **options):
    cases.add(kind, note, lambda o, **given: function(o, **given).reshape(1), inputs, wrt=wrt, **options)


edges = torch.tensor([[40.0, -40.0, 0.0, 40.0], [-40.0, -40.0, -40.0, 40.0], [40.0, 39.0, -40.0, 38.0]])
level = torch.full((3, 4), 3.0)
same = draw(1, 4).expand(3, 4).clone()
logits = {"ordinary": draw(5, 6), "one example": draw(1, 4), "logits of 40": edges, "equal logits": level, "equal rows": same}


# What the teacher answers


def own(o, logits):
    return F.cross_entropy(logits / o["temperature"], logits.argmax(1))


def given_class(o, logits, classes):
    return F.cross_entropy(logits / o["temperature"], classes.long())


def balance(o, logits):
    return -torch.special.entr(F.softmax(logits, 1).mean(0)).sum()


for note, z in logits.items():
    classes = (torch.arange(len(z)) * 2 % z.shape[1]).to(torch.float64)
    add("balance", note, balance, {"logits": z}, ("logits",))
    for t in (1, 3):
        add("confident", f"{note}, temperature {t}", own, {"logits": z}, ("logits",), target="own", temperature=t)
        given = {"logits": z, "classes": classes}
        add("confident", f"{note}, drawn, temperature {t}", given_class, given, ("logits",), target="random", temperature=t)


# What student and teacher disagree on


def kl(student, teacher, t):
    p, q = F.log_softmax(teacher / t, 1), F.log_softmax(student / t, 1)
    return t**2 * F.kl_div(q, p, reduction="none", log_target=True).sum(1)


def l1(student, teacher, t):
    return F.l1_loss(student / t, teacher / t, reduction="none").mean(1)


def js(student, teacher, t):
    p, q = F.softmax(student / t, 1), F.softmax(teacher / t, 1)
    p, q, m = (x.clamp(0.01, 0.99) for x in (p, q, (p + q) / 2))
    each = lambda x: F.kl_div(x.log(), m, reduction="none").sum(1)
    return 0.5 * each(p) + 0.5 * each(q)


def adversarial(o, student, teacher):
    values = {"kl": kl, "l1": l1, "js": js}[o["distance"]](student, teacher, o["temperature"])
    if o.get("only"):
        values = values * (student.argmax(1) == teacher.argmax(1)).to(values.dtype)
    return 1 - values.mean().clamp(0, 1) if o["distance"] == "js" else -values.mean()


torn = torch.tensor([[9.0, -9.0], [-9.0, 9.0]])
pairs = {
    "ordinary": (draw(6, 4), draw(6, 4)),
    "many classes": (draw(3, 20), draw(3, 20)),
    "one example": (draw(1, 4), draw(1, 4)),
    "logits of 40": (edges, edges.roll(1, 1)),
    "equal logits": (level, draw(3, 4)),
    "equal rows": (same, draw(1, 4).expand(3, 4).clone()),
    "farther apart than counts": (torn, -torn),
}
for distance, temperatures in {"kl": (1, 2), "l1": (1, 2), "js": (3, 1)}.items():
    for note, (student, teacher) in pairs.items():
        # In float32 the teacher's share of the slope of kl drowns in rounding there.
        if note == "farther apart than counts" and distance == "kl":
            continue
        given = {"student": student, "teacher": teacher}
        much = note in ("ordinary", "logits of 40")
        for t in temperatures if much else temperatures[:1]:
            for only in ({}, {"only": "agreeing"}) if much else ({},):
                name = f"{distance}, {note}, temperature {t}{', agreeing' if only else ''}"
                add("adversarial", name, adversarial, given, ("student", "teacher"), distance=distance, temperature=t, **only)


# What goes on inside of the teacher


def activation(o, features):
    return -features.abs().mean()


for note, features in [("vectors", draw(4, 7)), ("maps", draw(2, 3, 4, 4)), ("zeros", draw(3, 5).relu())]:
    add("activation", note, activation, {"features": features}, ("features",))


def statistics(o, **layers):
    total = 0
    for i, (x, kept) in enumerate(zip(layers.values(), o["statistics"])):
        mean, variance = (torch.tensor(kept[k], dtype=torch.float64) for k in ("mean", "variance"))
        rows = x.transpose(0, 1).flatten(1)
        apart = (rows.mean(1) - mean).norm() + (rows.var(1, unbiased=False) - variance).norm()
        total = total + (o["firstLayer"] if i == 0 else 1) * apart
    return total


def kept(x):
    c = x.shape[1]
    return {"mean": draw(c).tolist(), "variance": (draw(c) ** 2 + 0.5).tolist()}


for note, layers in {
    "maps": [draw(4, 3, 4, 5), draw(4, 6, 2, 3)],
    "maps and vectors": [draw(4, 3, 4, 5), draw(4, 6)],
    "sequences": [draw(3, 4, 6)],
    "one example": [draw(1, 3, 4, 4), draw(1, 5)],
    "far from zero": [draw(4, 3, 4, 5) + 200],
    "constant": [torch.full((2, 3, 4, 4), 1.5)],
    "numbers of 40": [torch.where(draw(4, 3, 4, 5) > 0, 40.0, -40.0)],
}.items():
    for first in (10, 1) if note == "maps" else (10,):
        inputs = {f"layer{i}": x for i, x in enumerate(layers)}
        told = [kept(x) for x in layers]
        if note == "far from zero":
            told = [{"mean": [199.5, 200.25, 201.0], "variance": [3.0, 4.0, 5.0]}]
        add("batch-statistics", f"{note}, first {first}", statistics, inputs, tuple(inputs), statistics=told, firstLayer=first)


# What examples look like


def standard(o, view):
    by_channel = lambda k: torch.tensor(o[k], dtype=torch.float64).reshape([1, -1] + [1] * (view.dim() - 2))
    return (view - by_channel("mean")) / by_channel("std")


def total_variation(o, view):
    x = standard(o, view)
    pairs = [
        (x[..., :, :-1], x[..., :, 1:]),
        (x[..., :-1, :], x[..., 1:, :]),
        (x[..., 1:, :-1], x[..., :-1, 1:]),
        (x[..., :-1, :-1], x[..., 1:, 1:]),
    ]
    apart = [a - b for a, b in pairs if a.numel() > 0]
    return sum(d.abs().mean() if o["norm"] == "l1" else d.norm() for d in apart)


def norm(o, view):
    return standard(o, view).flatten(1).norm(dim=1).mean()


grey, colours = {"mean": [0.25], "std": [0.5]}, {"mean": [0.5, 0.25, 0.125], "std": [0.25, 0.5, 0.125]}
pictures = {
    "colours": (draw(3, 3, 5, 4, scale=0.3), colours),
    "one picture": (draw(1, 1, 6, 6, scale=0.3), grey),
    "one row": (draw(2, 1, 1, 5), grey),
    "one column": (draw(2, 1, 4, 1), grey),
    "black and white": ((draw(2, 1, 6, 6) > 0).to(torch.float64), grey),
    "one grey": (torch.full((2, 1, 4, 4), 0.25), grey),
    "numbers of 40": (torch.where(draw(2, 3, 4, 4) > 0, 40.0, -40.0), colours),
}
for note, (view, spreads) in pictures.items():
    for how in ("l1", "l2"):
        add("total-variation", f"{how}, {note}", total_variation, {"view": view}, ("view",), norm=how, **spreads)
for note, (view, spreads) in {
    **pictures,
    "vectors": (draw(4, 3), colours),
    "one vector": (draw(1, 3), colours),
}.items():
    add("norm", note, norm, {"view": view}, ("view",), **spreads)

cases.finish()
