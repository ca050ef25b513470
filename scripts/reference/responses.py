"""Losses on responses from PyTorch in float64: python3 scripts/reference/responses.py > test/fixtures/golden/responses.json"""

import torch
import torch.nn.functional as F

from cases import Cases, draw

cases = Cases(31)


def probabilities(z, temperature=1):
    return torch.softmax(z / temperature, -1)


def kl(p, q):
    """KL(p ‖ q) per row; classes without probability in p add nothing."""
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q)).sum(-1)


def jsd(o, student, teacher):
    q, p = probabilities(student, o["temperature"]), probabilities(teacher, o["temperature"])
    beta = o["beta"]
    if beta in (0, 1):
        return o["temperature"] ** 2 * (kl(p, q) if beta == 0 else kl(q, p))
    m = beta * p + (1 - beta) * q
    return o["temperature"] ** 2 * (beta * kl(p, m) + (1 - beta) * kl(q, m))


def skew(o, student, teacher):
    q, p = probabilities(student, o["temperature"]), probabilities(teacher, o["temperature"])
    first, second = (p, q) if o["direction"] == "forward" else (q, p)
    return o["temperature"] ** 2 * kl(first, o["alpha"] * first + (1 - o["alpha"]) * second)


def variation(o, student, teacher):
    q, p = probabilities(student, o["temperature"]), probabilities(teacher, o["temperature"])
    return o["temperature"] ** 2 * torch.maximum(p - q, torch.zeros(())).sum(1)


def decoupled(o, student, teacher, target):
    rows = []
    for s, t, y in zip(student / o["temperature"], teacher / o["temperature"], target.argmax(1)):
        others = torch.arange(len(s)) != y
        binary = lambda z: torch.stack([z[y], z[others].logsumexp(0)])
        log_kl = lambda a, b: F.kl_div(F.log_softmax(b, 0), F.log_softmax(a, 0), reduction="sum", log_target=True)
        rows.append(o["alpha"] * log_kl(binary(t), binary(s)) + o["beta"] * log_kl(t[others], s[others]))
    return o["temperature"] ** 2 * torch.stack(rows)


def pearson(a, b):
    """Rows against rows; 1e-8 is added to the squared norms of what is centred, of rows whose largest entry is 1."""
    a, b = a / a.amax(1, keepdim=True).detach(), b / b.amax(1, keepdim=True).detach()
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    return (a * b).sum(1) / (((a**2).sum(1) + 1e-8) * ((b**2).sum(1) + 1e-8)).sqrt()


def dist(o, student, teacher):
    q, p = probabilities(student, o["temperature"]), probabilities(teacher, o["temperature"])
    inter, intra = 1 - pearson(q, p), 1 - pearson(q.T, p.T).mean()
    return o["temperature"] ** 2 * (o["beta"] * inter + o["gamma"] * intra)


def standard(o, student, teacher):
    z = lambda x: (x - x.mean(1, keepdim=True)) / (x.var(1, keepdim=True) + 1e-6).sqrt()
    t = o["temperature"]
    return t**2 * kl(probabilities(z(teacher), t), probabilities(z(student), t))


def cosine(o, student, teacher):
    similar = torch.cosine_similarity(student, teacher, dim=-1, eps=0)
    return 1 - (similar.mean(1) if similar.dim() == 2 else similar)


def uld(o, student, teacher):
    wide = max(student.shape[1], teacher.shape[1])
    rank = lambda z: F.pad(probabilities(z, o["temperature"]), (0, wide - z.shape[1])).sort(1, descending=True).values
    return o["temperature"] ** 2 * (rank(student) - rank(teacher)).abs().sum(1)


def mapped(o, logits):
    groups = list(o["groups"])
    if o["rest"] == "together":
        groups.append([k for k in range(logits.shape[1]) if k not in sum(o["groups"], [])])
    return torch.stack([torch.logsumexp(logits[:, g], 1) for g in groups], 1)


def mapped_kd(o, student, teacher):
    """KL between both sides under one map."""
    return kl(probabilities(mapped(o, teacher)), probabilities(mapped(o, student)))


def top(o, student, teacher):
    q, p = probabilities(student, o["temperature"]), probabilities(teacher, o["temperature"])
    k, classes = o["k"], q.shape[1]
    at = teacher.sort(1, descending=True).indices
    p, q = p.gather(1, at), q.gather(1, at)
    if o["tail"] == "together":
        p, q = (torch.cat([x[:, :k], x[:, k:].sum(1, keepdim=True)], 1) for x in (p, q))
    elif o["tail"] == "uniform":
        p = torch.cat([p[:, :k], p[:, k:].mean(1, keepdim=True).expand(-1, classes - k)], 1)
    elif o["tail"] == "zero":
        p, q = p[:, :k] / p[:, :k].sum(1, keepdim=True), q[:, :k]
    else:
        p, q = (x[:, :k] / x[:, :k].sum(1, keepdim=True) for x in (p, q))
    return o["temperature"] ** 2 * kl(p, q)


def ensemble(o, student, teachers, weights):
    """teachers [M, B, K], weights [B, M]."""
    t = o["temperature"]
    share = weights.T[:, :, None]
    if o["mean"] == "probabilities":
        target = (share * probabilities(teachers, t)).sum(0)
    else:
        target = probabilities((share * teachers).sum(0), t)
    q = probabilities(student, t)
    return t**2 * (kl(target, q) if o["direction"] == "forward" else kl(q, target))


def wsld(o, student, teacher, target):
    ce = lambda z: -(target * F.log_softmax(z, 1)).sum(1)
    weight = 1 - torch.exp(-ce(student) / (ce(teacher) + 1e-7))
    t = o["temperature"]
    return weight.detach() * t**2 * kl(probabilities(teacher, t), probabilities(student, t))


def mlkd(o, student, teacher):
    total = 0
    for t in o["temperatures"]:
        q, p = probabilities(student, t), probabilities(teacher, t)
        alike = ((p @ p.T - q @ q.T) ** 2).sum(1)
        classes = ((p.T @ p - q.T @ q) ** 2).sum() / q.shape[1]
        total = total + o["instance"] * t**2 * kl(p, q) + o["batch"] * alike + o["classes"] * classes
    return total


def penalty(o, student):
    return -o["beta"] * torch.distributions.Categorical(logits=student).entropy()


def balance(o, student):
    mean = probabilities(student).mean(0)
    return kl(mean, torch.full_like(mean, 1 / len(mean))).expand(len(student))


def teacher_free(o, student, target):
    classes = student.shape[1]
    u = target * o["correct"] + (1 - target) * (1 - o["correct"]) / (classes - 1)
    t = o["temperature"]
    if o["form"] == "code":
        return kl(probabilities(u, t), probabilities(student)) / classes
    soft = u ** (1 / t)
    return t**2 * kl(soft / soft.sum(1, keepdim=True), probabilities(student, t))


edges = torch.tensor([[40.0, -40.0, 0.0, 40.0], [-40.0, -40.0, -40.0, 40.0], [40.0, 39.0, -40.0, 38.0]])
turned = edges.roll(1, 1)
flat = torch.full((3, 4), 2.0)
hot = lambda places, classes: F.one_hot(torch.tensor(places), classes).to(torch.float64)


def pairs(loss, function, variants, extremes=True, **more):
    """Each variant of the options on ordinary logits, then the first on the edges."""
    for options in variants:
        note = ", ".join(f"{k} {v}" for k, v in options.items())
        cases.add(loss, note, function, {"student": draw(4, 6), "teacher": draw(4, 6)}, **options)
    if extremes:
        first = variants[0]
        cases.add(loss, "logits of 40", function, {"student": edges, "teacher": turned}, **first)
        cases.add(loss, "equal rows", function, {"student": flat, "teacher": draw(3, 4)}, **first)
        cases.add(loss, "batch of one", function, {"student": draw(1, 3, scale=1), "teacher": draw(1, 3, scale=1)}, **first)


betas = [{"beta": 0.5, "temperature": 1}, {"beta": 0.1, "temperature": 2}, {"beta": 0, "temperature": 2}, {"beta": 1, "temperature": 1}]
pairs("jensenShannon", jsd, betas)
for direction in ("forward", "reverse"):
    pairs("skewKl", skew, [{"alpha": a, "direction": direction, "temperature": t} for a, t in ((0.1, 1), (0.3, 2))])
pairs("totalVariation", variation, [{"temperature": 1}, {"temperature": 3}])

for alpha, beta, t in ((1, 8, 4), (1, 0, 1), (0, 1, 2)):
    inputs = {"student": draw(4, 5), "teacher": draw(4, 5), "target": hot([0, 3, 1, 4], 5)}
    cases.add("decoupled", f"alpha {alpha}, beta {beta}, temperature {t}", decoupled, inputs, alpha=alpha, beta=beta, temperature=t)
mixed = {"student": draw(3, 4), "teacher": draw(3, 4), "target": probabilities(draw(3, 4))}
cases.add("decoupled", "mixed labels", decoupled, mixed, alpha=1, beta=2, temperature=2)
far = {"student": edges, "teacher": turned, "target": hot([1, 0, 3], 4)}
cases.add("decoupled", "logits of 40", decoupled, far, alpha=1, beta=8, temperature=1)
two = {"student": draw(1, 2), "teacher": draw(1, 2), "target": hot([1], 2)}
cases.add("decoupled", "batch of one, two classes", decoupled, two, alpha=1, beta=8, temperature=4)

pairs("dist", dist, [{"beta": 1, "gamma": 1, "temperature": 1}, {"beta": 2, "gamma": 0.5, "temperature": 4}])
pairs("standardisedTargets", standard, [{"temperature": 2}, {"temperature": 1}])
cases.add("cosineOfStates", "vectors", cosine, {"student": draw(4, 5), "teacher": draw(4, 5)})
cases.add("cosineOfStates", "hidden states", cosine, {"student": draw(2, 3, 4), "teacher": draw(2, 3, 4)})
cases.add("cosineOfStates", "batch of one, large", cosine, {"student": draw(1, 4, scale=1e4), "teacher": draw(1, 4)})

pairs("universalLogits", uld, [{"temperature": 1}, {"temperature": 2}], extremes=False)
cases.add("universalLogits", "student narrower", uld, {"student": draw(3, 4), "teacher": draw(3, 7)}, temperature=1)
cases.add("universalLogits", "student wider, batch of one", uld, {"student": draw(1, 6), "teacher": draw(1, 3)}, temperature=1.5)
cases.add("universalLogits", "logits of 40", uld, {"student": edges - torch.arange(4.0), "teacher": draw(3, 4)}, temperature=1)

for rest in ("drop", "together"):
    options = {"groups": [[4], [0, 2, 6], [1, 5]], "rest": rest}
    cases.add("mapped", rest, mapped_kd, {"student": draw(3, 8), "teacher": draw(3, 8)}, **options)
    single = {"groups": [[3], [0]], "rest": rest}
    cases.add("mapped", f"one to one, {rest}", mapped_kd, {"student": draw(2, 5), "teacher": draw(2, 5)}, **single)
    cases.add("mapped", f"logits of 40, {rest}", mapped_kd, {"student": edges, "teacher": turned}, groups=[[2, 1], [0]], rest=rest)

for tail in ("together", "uniform", "zero", "drop"):
    pairs("topTargets", top, [{"k": 3, "tail": tail, "temperature": 1}, {"k": 2, "tail": tail, "temperature": 2}], extremes=False)
    distinct = edges - torch.arange(4.0) * 0.5
    cases.add("topTargets", f"logits of 40, {tail}", top, {"student": turned, "teacher": distinct}, k=2, tail=tail, temperature=1)
    one = {"student": flat[:1], "teacher": draw(1, 4)}
    cases.add("topTargets", f"batch of one, equal logits, {tail}", top, one, k=1, tail=tail, temperature=1)

shares = probabilities(draw(4, 3))
for mean in ("probabilities", "logits"):
    for direction in ("forward", "reverse"):
        options = {"mean": mean, "direction": direction, "temperature": 2}
        even = torch.full((4, 3), 1 / 3)
        group = {"student": draw(4, 5), "teachers": draw(3, 4, 5)}
        cases.add("ensemble", f"equal, {mean}, {direction}", ensemble, {**group, "weights": even}, **options)
        group = {"student": draw(4, 5), "teachers": draw(3, 4, 5)}
        cases.add("ensemble", f"weights of each example, {mean}, {direction}", ensemble, {**group, "weights": shares}, **options)
    group = {"student": edges, "teachers": torch.stack([turned, edges]), "weights": torch.full((3, 2), 0.5)}
    options = {"mean": mean, "direction": "forward", "temperature": 1}
    cases.add("ensemble", f"logits of 40, {mean}", ensemble, group, **options)

for t, b in ((2, 4), (1, 1)):
    inputs = {"student": draw(b, 5), "teacher": draw(b, 5), "target": hot([0, 3, 1, 4][:b], 5)}
    cases.add("weightedSoftLabels", f"temperature {t}, batch of {b}", wsld, inputs, temperature=t)
cases.add("weightedSoftLabels", "mixed labels", wsld, mixed, temperature=3)
cases.add("weightedSoftLabels", "logits of 40", wsld, far, temperature=1)

levels = {"temperatures": [2, 3, 5], "instance": 1, "batch": 1, "classes": 1}
pairs("multiLevel", mlkd, [levels, {"temperatures": [4], "instance": 0, "batch": 2, "classes": 0}])
cases.add("multiLevel", "classes alone", mlkd, {"student": draw(4, 3), "teacher": draw(4, 3)}, **{**levels, "instance": 0, "batch": 0})

for beta in (0.1, 2):
    cases.add("confidencePenalty", f"beta {beta}", penalty, {"student": draw(4, 6)}, beta=beta)
cases.add("confidencePenalty", "logits of 40", penalty, {"student": edges}, beta=0.1)
cases.add("confidencePenalty", "equal logits", penalty, {"student": flat}, beta=0.1)
for b in (5, 1):
    cases.add("classBalance", f"batch of {b}", balance, {"student": draw(b, 4)})
cases.add("classBalance", "logits of 40", balance, {"student": edges})
cases.add("classBalance", "equal logits", balance, {"student": flat})

for form in ("paper", "code"):
    for correct, t in ((0.99, 20), (0.9, 2)):
        options = {"correct": correct, "temperature": t, "form": form}
        inputs = {"student": draw(4, 5), "target": hot([0, 3, 1, 4], 5)}
        # At T = 20 the two distributions are so close that float32 keeps four digits of their divergence.
        cases.add("teacherFree", f"{form}, a {correct}, T {t}", teacher_free, inputs, tolerance=1e-4, **options)
    options = {"correct": 0.99, "temperature": 1, "form": form}
    cases.add("teacherFree", f"{form}, mixed labels", teacher_free, {"student": draw(3, 4), "target": mixed["target"]}, **options)
    cases.add("teacherFree", f"{form}, logits of 40", teacher_free, {"student": edges, "target": hot([1, 0, 3], 4)}, **options)

cases.finish()
