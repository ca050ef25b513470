"""Values and gradients from PyTorch in float64: temperatures and weights of examples, and learning from oneself.

python3 scripts/reference/dynamics.py > test/fixtures/golden/dynamics.json
"""

import math

import torch
import torch.nn.functional as F

from cases import Cases, draw

cases = Cases(31)


def kl(teacher, student, temperature=1.0):
    """T²·KL(teacher ‖ student) of each example; the temperature may be one for each example."""
    t = torch.as_tensor(temperature)
    per = t if t.dim() == 0 else t.reshape(-1, 1)
    p, q = F.log_softmax(teacher / per, 1), F.log_softmax(student / per, 1)
    return per.flatten() ** 2 * F.kl_div(q, p, reduction="none", log_target=True).sum(1)


def entropy(logits):
    return torch.distributions.Categorical(logits=logits).entropy()


# Temperatures


def by_entropy(o, student, teacher):
    sure = 1 - entropy(teacher) / math.log(teacher.shape[1])
    share = sure if o["softens"] == "confident" else 1 - sure
    return o["min"] + (o["max"] - o["min"]) * share


def by_norm(o, student, teacher):
    return (o["factor"] * teacher.std(1, unbiased=False)).clamp(o["min"], o["max"])


def around(o, w):
    return (o["base"] + (w.mean() - w) * o["beta"]).clamp(o["min"], o["max"])


def by_flsw(o, student, teacher):
    return around(o, (1 - F.cosine_similarity(student, teacher, dim=1)) ** o["gamma"])


def by_cwsm(o, student, teacher):
    return around(o, 1 / (F.softmax(student, 1).max(1)[0] + 1e-3))


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, strength):
        ctx.strength = strength
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return -ctx.strength * gradient, None


def strength(o):
    return o["most"] * 0.5 * (1 - math.cos(math.pi * min(1.0, o["epoch"] / o["rise"])))


def globally(o, student, teacher, t):
    temperature = o["from"] + o["range"] * torch.sigmoid(Reverse.apply(t, strength(o)))
    return kl(teacher, student, temperature.expand(len(student)))


def by_net(o, student, teacher, w1, b1, w2, b2):
    seen = torch.cat([teacher.detach(), student.detach()], 1)
    t = (F.relu(seen @ w1 + b1) @ w2 + b2)[:, 0]
    return kl(teacher, student, o["from"] + o["range"] * torch.sigmoid(Reverse.apply(t, strength(o))))


edges = torch.tensor([[40.0, -40.0, 0.0, 40.0], [-40.0, -40.0, -40.0, 40.0], [40.0, 39.0, -40.0, 38.0]])
level = torch.full((2, 4), 3.0)
rules = {
    "entropy": (by_entropy, [dict(softens="confident", min=1, max=8), dict(softens="uncertain", min=2, max=5)]),
    "norm": (by_norm, [dict(factor=2, min=1, max=20), dict(factor=1, min=1.5, max=2.5)]),
    "flsw": (by_flsw, [dict(base=4, beta=4, gamma=1, min=1, max=20), dict(base=2, beta=3, gamma=2, min=1, max=3)]),
    "cwsm": (by_cwsm, [dict(base=4, beta=1, min=1, max=20), dict(base=3, beta=2, min=2, max=4)]),
}
for by, (rule, settings) in rules.items():
    tempered = lambda o, student, teacher: kl(teacher, student, rule(o, student, teacher).detach())
    for i, options in enumerate(settings):
        cases.add(f"temperature {by}", f"setting {i + 1}", tempered, {"student": draw(5, 6), "teacher": draw(5, 6)}, **options)
    cases.add(f"temperature {by}", "logits of 40", tempered, {"student": edges, "teacher": edges.roll(1, 1)}, **settings[0])
    cases.add(f"temperature {by}", "equal logits", tempered, {"student": draw(2, 4), "teacher": level}, **settings[0])

# Large logits: with small ones the loss hardly depends on so high a temperature, and its slope drowns in rounding.
usual = {"from": 1, "range": 20, "most": 1, "rise": 10}
for note, options in {
    "begin": {**usual, "epoch": 0},
    "third epoch": {**usual, "epoch": 3},
    "risen, other range": {"from": 2, "range": 6, "most": 0.5, "rise": 2, "epoch": 7},
}.items():
    given = {"student": draw(4, 5, scale=8.0), "teacher": draw(4, 5, scale=8.0), "t": torch.tensor([1.0])}
    cases.add("temperature learned", note, globally, given, wrt=("student", "t"), **options)
    net = {"w1": draw(10, 3, scale=0.1), "b1": draw(3, scale=0.1), "w2": draw(3, 1, scale=0.1), "b2": draw(1, scale=0.1)}
    given = {"student": draw(4, 5, scale=8.0), "teacher": draw(4, 5, scale=8.0), **net}
    cases.add("temperature learned for each", note, by_net, given, wrt=("student", *net), **options)
given = {"student": edges, "teacher": edges.roll(1, 1), "t": torch.tensor([1.0])}
cases.add("temperature learned", "logits of 40", globally, given, wrt=("student", "t"), **{**usual, "epoch": 5})
net = {"w1": draw(8, 3, scale=0.1), "b1": draw(3, scale=0.3), "w2": draw(3, 1, scale=0.1), "b2": draw(1, scale=0.3)}
given = {"student": edges, "teacher": edges.roll(1, 1), **net}
cases.add("temperature learned for each", "logits of 40", by_net, given, wrt=("student", *net), **{**usual, "epoch": 5})


# Weights


def rare(o, target):
    counts = torch.tensor(o["counts"], dtype=torch.float64).clamp(min=1)
    mean = counts.mean()
    per_class = counts ** -o["gamma"]
    return torch.where(target.sum(1) > 0, target @ per_class, mean ** -o["gamma"])


def easiest(o, difficulty):
    order = torch.argsort(difficulty)
    weights = torch.zeros(len(difficulty))
    for place, at in enumerate(order):
        room = o["share"] * (1 + o["soft"]) - place / len(difficulty)
        weights[at] = float(room > 0) if o["soft"] == 0 else min(1.0, max(0.0, room / o["soft"]))
    return weights


def spread(o, logits):
    share = entropy(logits / o["temperature"]) / math.log(logits.shape[1])
    return share if o["prefer"] == "high" else 1 - share


def lag(student, teacher, target):
    ce = lambda z: -(target * F.log_softmax(z, 1)).sum(1)
    ratio = ce(student) / (ce(teacher) + 1e-7)
    return torch.where(target.sum(1) > 0, 1 - torch.exp(-ratio), torch.ones(len(target)))


weights = {
    "confidence": lambda o, s, t, y, v: F.softmax(t, 1).max(1)[0] ** o["power"],
    "loss": lambda o, s, t, y, v: v ** o["power"] if o["form"] == "power" else torch.softmax(v / o["tau"], 0),
    "entropy": lambda o, s, t, y, v: spread(o, t),
    "student-entropy": lambda o, s, t, y, v: spread(o, s),
    "rarity": lambda o, s, t, y, v: rare(o, y),
    "curriculum": lambda o, s, t, y, v: easiest(o, v),
    "teacher-curriculum": lambda o, s, t, y, v: easiest(o, -F.softmax(t, 1).max(1)[0]),
    "focal": lambda o, s, t, y, v: (1 - (F.softmax(s, 1) * y).sum(1)) ** o["gamma"],
    "wsld": lambda o, s, t, y, v: lag(s, t, y),
}
settings = {
    "confidence": [dict(power=1), dict(power=3)],
    "loss": [dict(form="power", power=1, tau=1), dict(form="softmax", power=1, tau=2), dict(form="power", power=0.5, tau=1)],
    "entropy": [dict(prefer="high", temperature=1), dict(prefer="low", temperature=2)],
    "student-entropy": [dict(prefer="high", temperature=1), dict(prefer="low", temperature=2)],
    "rarity": [dict(gamma=0.7, counts=[500, 3, 40, 0]), dict(gamma=1, counts=[5, 6, 7, 8])],
    "curriculum": [dict(share=0.5, soft=0), dict(share=0.3, soft=0.5), dict(share=1, soft=0.2)],
    "teacher-curriculum": [dict(share=0.5, soft=0), dict(share=0.3, soft=0.5)],
    "focal": [dict(gamma=2), dict(gamma=0.5)],
    "wsld": [dict()],
}
hot = F.one_hot(torch.tensor([3, 0, 1, 1, 2, 3]), 4).to(torch.float64)
some = hot * torch.tensor([1.0, 0.0, 1.0, 1.0, 0.0, 1.0])[:, None]
mixed = 0.25 * hot + 0.75 * hot.roll(1, 0)
looking = ("rarity", "focal", "wsld")
for by, rule in weights.items():

    def weighted(o, student, teacher, target):
        values = kl(teacher, student, 4.0)
        w = rule(o, student, teacher, target, values).detach()
        return w / w.mean() * values

    for i, options in enumerate(settings[by]):
        targets = {"labels": hot, "some without a label": some, "mixed labels": mixed}
        for note in list(targets) if by in looking else ["labels"]:
            target = targets[note]
            given = {"student": draw(6, 4), "teacher": draw(6, 4), "target": target}
            cases.add(f"weight {by}", f"setting {i + 1}, {note}", weighted, given, **options)
    given = {"student": edges, "teacher": edges.roll(1, 1), "target": hot[:3]}
    cases.add(f"weight {by}", "logits of 40", weighted, given, **settings[by][0])
    given = {"student": draw(1, 4), "teacher": draw(1, 4), "target": hot[:1]}
    cases.add(f"weight {by}", "batch of one", weighted, given, **settings[by][0])


# Learning from oneself


def soft_cross_entropy(logits, target):
    return -(target * F.log_softmax(logits, 1)).sum(1)


def past_targets(o, student, past, target):
    """The mixed target, less the entropy of its part from the past, which has no gradient."""
    t, alpha = o["temperature"], o["alpha"]
    p = F.softmax(past.detach() / t, 1)
    h = torch.special.entr(p).sum(1)
    soft = t**2 * (soft_cross_entropy(student / t, p) - h)
    return (1 - alpha) * soft_cross_entropy(student, target) + alpha * soft


def mse(o, student, average):
    return ((F.softmax(student, 1) - F.softmax(average.detach(), 1)) ** 2).mean(1)


def shallow(o, logits, features, deepLogits, deepFeatures, target):
    t = o["temperature"]
    soft = kl(deepLogits.detach(), logits, t)
    hint = ((features - deepFeatures.detach()) ** 2).sum(1)
    return (1 - o["alpha"]) * soft_cross_entropy(logits, target) + o["alpha"] * soft + o["lambda"] * hint


def mutual(o, target, **students):
    names = sorted(students)
    total = torch.zeros(len(target))
    for name in names:
        others = [kl(students[n].detach(), students[name], o["temperature"]) for n in names if n != name]
        total = total + sum(others) / len(others)
        if name != "student0":
            total = total + soft_cross_entropy(students[name], target)
    return total


def partners(o, student, target, draws):
    """T²·KL from the partner, 0 where there is none: of those with the same label, the one with the largest draw."""
    labels, values = target.argmax(1), []
    for i in range(len(student)):
        of_class = [j for j in range(len(student)) if j != i and labels[j] == labels[i] and target[i].sum() * target[j].sum() > 0]
        if not of_class:
            values.append(student[i].sum() * 0)
            continue
        j = max(of_class, key=lambda k: draws[i, k].item())
        values.append(kl(student[j : j + 1].detach(), student[i : i + 1], o["temperature"])[0])
    return torch.stack(values)


for note, o in {
    "paper": dict(alpha=0.4, temperature=1),
    "warm": dict(alpha=0.9, temperature=3),
    "first epoch": dict(alpha=0, temperature=1),
}.items():
    given = {"student": draw(6, 4), "past": draw(6, 4), "target": some}
    cases.add("past self", note, past_targets, given, wrt=("student", "past"), **o)
given = {"student": edges, "past": edges.roll(1, 1), "target": hot[:3]}
cases.add("past self", "logits of 40", past_targets, given, wrt=("student", "past"), alpha=0.5, temperature=1)

for form, function in {"mse": mse, "kl": lambda o, student, average: kl(average.detach(), student)}.items():
    for note, a, b in [
        ("ordinary", draw(5, 4), draw(5, 4)),
        ("batch of one", draw(1, 6), draw(1, 6)),
        ("logits of 40", edges, edges.roll(1, 1)),
        ("equal rows", level, draw(2, 4)),
    ]:
        cases.add(f"consistency {form}", note, function, {"student": a, "average": b}, wrt=("student", "average"))

heads = ("logits", "features", "deepLogits", "deepFeatures")
for note, size, target, o in [
    ("paper", 6, hot, {"alpha": 0.1, "temperature": 3, "lambda": 1e-6}),
    ("other factors, some without a label", 6, some, {"alpha": 0.6, "temperature": 1, "lambda": 0.1}),
    ("batch of one", 1, hot[:1], {"alpha": 0.1, "temperature": 3, "lambda": 0.01}),
]:
    given = {"logits": draw(size, 4), "features": draw(size, 3), "deepLogits": draw(size, 4), "deepFeatures": draw(size, 3)}
    cases.add("shallow head", note, shallow, {**given, "target": target}, wrt=heads, **o)
given = {"logits": edges, "features": edges, "deepLogits": edges.roll(1, 1), "deepFeatures": edges.roll(1, 0), "target": hot[:3]}
cases.add("shallow head", "logits of 40", shallow, given, wrt=heads, **{"alpha": 0.1, "temperature": 1, "lambda": 1e-6})

for peers, temperature in [(1, 1), (2, 3)]:
    students = {f"student{i}": draw(6, 4) for i in range(peers + 1)}
    cases.add("mutual", f"{peers} beside the student", mutual, {**students, "target": some}, wrt=tuple(students), temperature=temperature)
students = {f"student{i}": edges.roll(i, 1) for i in range(3)}
cases.add("mutual", "logits of 40", mutual, {**students, "target": hot[:3]}, wrt=tuple(students), temperature=1)

for note, student, target, temperature in [
    ("some alone in their class", draw(6, 4), hot, 4),
    ("some without a label", draw(6, 4), some, 1),
    ("mixed labels", draw(6, 4), mixed, 2),
    ("logits of 40", edges, hot[[0, 0, 1]], 1),
    ("batch of one", draw(1, 4), hot[:1], 4),
]:
    draws = (torch.rand(len(student), len(student)) * 1024).floor() / 1024
    given = {"student": student, "target": target, "draws": draws}
    cases.add("class partners", note, partners, given, temperature=temperature)

cases.finish()
