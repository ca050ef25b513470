"""Values and gradients of feature losses from PyTorch in float64:
python3 scripts/reference/features.py > test/fixtures/golden/features.json"""

import math

import torch
import torch.nn.functional as F

from cases import Cases, draw

cases = Cases(23)


def aligned(s, t):
    """Maps at the smaller size, [B, C, P]; tokens as they are."""
    if s.dim() == 3 and t.dim() == 3:
        length = min(s.shape[1], t.shape[1])
        return [F.adaptive_avg_pool1d(x.transpose(1, 2), length) for x in (s, t)]
    size = [min(a, b) for a, b in zip(s.shape[2:], t.shape[2:])]
    return [F.adaptive_avg_pool2d(x, size).flatten(2) for x in (s, t)]


def hint(o, student, teacher):
    if o.get("form") == "paper":
        return torch.stack([torch.dist(s, t) ** 2 / 2 for s, t in zip(student, teacher)])
    return F.mse_loss(student, teacher, reduction="none").flatten(1).mean(1)


def patience(o, student, teacher):
    cosine = torch.stack([s.dot(t) / (s.norm() * t.norm()) for s, t in zip(student, teacher)])
    return (2 - 2 * cosine) / (student.shape[1] if o.get("form") == "code" else 1)


def attention_transfer(o, student, teacher):
    maps = [F.normalize((x.abs() ** o.get("power", 2)).sum(1), dim=1, eps=1e-30) for x in aligned(student, teacher)]
    if o.get("form") == "paper":
        return torch.linalg.vector_norm(maps[0] - maps[1], dim=1)
    return F.mse_loss(*maps, reduction="none").mean(1)


def neuron_selectivity(o, student, teacher):
    def kernel(a, b):
        return sum((x * y).sum(1) ** (1 if o.get("kernel") == "linear" else 2) for x in a for y in b) / (len(a) * len(b))

    s, t = [[F.normalize(c, dim=1, eps=1e-30) for c in x.unbind(1)] for x in aligned(student, teacher)]
    return kernel(t, t) + kernel(s, s) - 2 * kernel(s, t)


def variational_information(o, student, teacher, scale):
    spread = (F.softplus(scale) + 1e-5).reshape(-1, 1, 1) if student.dim() == 4 else F.softplus(scale) + 1e-5
    density = torch.distributions.Normal(student, spread.sqrt()).log_prob(teacher)
    return (-density - math.log(2 * math.pi) / 2).flatten(1).mean(1)


def hierarchical_context(o, student, teacher):
    total, weight, weights = hint({}, student, teacher), 1.0, 1.0
    for level in (4, 2, 1):
        if level < student.shape[2]:
            weight /= 2
            weights += weight
            total = total + weight * hint({}, *[F.adaptive_avg_pool2d(x, level) for x in (student, teacher)])
    return total / weights


def noise_contrast(o, student, teacher, logZ):
    partner, others, n = (student / o["temperature"])[:, :1], (student / o["temperature"])[:, 1:], o["n"]
    noise = others.shape[1] / n
    density = lambda scores: torch.exp(scores - logZ)
    own = -torch.log(density(partner) / (density(partner) + noise)).sum(1)
    return own - torch.log(noise / (density(others) + noise)).sum(1)


def info_nce(o, student, teacher):
    s, t = F.normalize(student, dim=1), F.normalize(teacher, dim=1)
    scores, own = s @ t.T / o["temperature"], torch.arange(len(s))
    return F.cross_entropy(scores, own, reduction="none") + F.cross_entropy(scores.T, own, reduction="none")


def activation_boundaries(o, student, teacher):
    on = (teacher > 0).double()
    hinge = on * F.relu(o["margin"] - student) ** 2 + (1 - on) * F.relu(o["margin"] + student) ** 2
    return hinge.flatten(1).sum(1) * (1 if o.get("form") == "paper" else 3 / 1000)


def factor_transfer(o, student, teacher):
    s, t = [F.normalize(x.flatten(1), dim=1, eps=1e-30) for x in (student, teacher)]
    total = ((s - t).abs() ** (2 if o.get("norm") == "l2" else 1)).sum(1)
    return total / (1 if o.get("form") == "paper" else s.shape[1])


def mean_factor_transfer(o, student, teacher):
    s, t = [F.normalize(x.mean(1), dim=1, eps=1e-30) for x in aligned(student, teacher)]
    return ((s - t).abs() ** (2 if o.get("norm") == "l2" else 1)).mean(1)


def solution_flow(o, student, second, teacher, teacherSecond):
    def flow(a, b):
        a, b = aligned(a, b)
        return torch.einsum("bip,bjp->bij", a, b) / a.shape[2]

    return F.mse_loss(flow(student, second), flow(teacher, teacherSecond), reduction="none").flatten(1).mean(1)


def partial_distance(o, student, teacher):
    rows = teacher.transpose(0, 1).flatten(1) if teacher.dim() == 4 else teacher.flatten(0, -2).T
    margin = torch.stack([r[r < 0].mean() if (r < 0).any() else torch.zeros(()) for r in rows])
    goal = torch.maximum(teacher, margin.reshape(-1, 1, 1) if teacher.dim() == 4 else margin)
    forgiven = (student <= goal) & (goal <= 0)
    return torch.where(forgiven, torch.zeros_like(goal), (student - goal) ** 2).flatten(1).sum(1)


losses = {
    "hint": hint,
    "patience": patience,
    "attentionTransfer": attention_transfer,
    "neuronSelectivity": neuron_selectivity,
    "variationalInformation": variational_information,
    "hierarchicalContext": hierarchical_context,
    "noiseContrast": noise_contrast,
    "infoNce": info_nce,
    "activationBoundaries": activation_boundaries,
    "factorTransfer": factor_transfer,
    "meanFactorTransfer": mean_factor_transfer,
    "solutionFlow": solution_flow,
    "partialDistance": partial_distance,
}


def case(loss, note, student, teacher, wrt=("student",), more={}, **options):
    cases.add(loss, note, losses[loss], {"student": student, "teacher": teacher, **more}, wrt=wrt, **options)


def large(*shape):
    return 40 * torch.sign(draw(*shape))


case("hint", "vectors", draw(3, 5), draw(3, 5))
case("hint", "maps, the published sum", draw(2, 3, 2, 2), draw(2, 3, 2, 2), form="paper")
case("hint", "batch of one, activations of 40", large(1, 2, 3), large(1, 2, 3), form="code")

case("patience", "sum over elements", draw(4, 5), draw(4, 5))
case("patience", "mean over elements", draw(4, 5), draw(4, 5), form="code")
case("patience", "batch of one, opposite, activations of 40", 40 * torch.ones(1, 4), -40 * torch.ones(1, 4))

case("attentionTransfer", "maps with unlike channels", draw(3, 2, 3, 3), draw(3, 4, 3, 3))
case("attentionTransfer", "unlike sizes", draw(2, 3, 5, 5), draw(2, 2, 3, 3))
case("attentionTransfer", "larger teacher", draw(2, 3, 2, 2), draw(2, 2, 4, 4), power=4)
case("attentionTransfer", "not squared", draw(2, 3, 3, 3), draw(2, 2, 3, 3), form="paper", power=1)
case("attentionTransfer", "tokens", draw(2, 4, 3), draw(2, 6, 2))
case("attentionTransfer", "batch of one, constant map, activations of 40", torch.full((1, 2, 2, 2), 40.0), large(1, 2, 2, 2) + draw(1, 2, 2, 2))

case("neuronSelectivity", "more places than channels", draw(2, 2, 3, 3), draw(2, 4, 3, 3))
case("neuronSelectivity", "more channels than places", draw(2, 5, 2, 2), draw(2, 6, 2, 2))
case("neuronSelectivity", "mean maps", draw(2, 3, 3, 3), draw(2, 4, 3, 3), kernel="linear")
case("neuronSelectivity", "batch of one, constant map, activations of 40", torch.full((1, 2, 2, 2), 40.0), large(1, 3, 2, 2) + draw(1, 3, 2, 2))

both = ("student", "scale")
case("variationalInformation", "vectors", draw(3, 4), draw(3, 4), both, {"scale": draw(4)})
case("variationalInformation", "maps", draw(2, 3, 2, 2), draw(2, 3, 2, 2), both, {"scale": draw(3)})
case("variationalInformation", "tokens", draw(2, 2, 3), draw(2, 2, 3), both, {"scale": draw(3)})
case("variationalInformation", "batch of one, variances near the smallest and of 40", large(1, 2), large(1, 2), both, {"scale": torch.tensor([-30.0, 40.0])})

case("hierarchicalContext", "8 × 8", draw(1, 1, 8, 8), draw(1, 1, 8, 8))
case("hierarchicalContext", "5 × 5", draw(2, 2, 5, 5), draw(2, 2, 5, 5))
case("hierarchicalContext", "4 × 4, as large as the first level", draw(1, 2, 4, 4), draw(1, 2, 4, 4))
case("hierarchicalContext", "one place, activations of 40", large(1, 3, 1, 1), large(1, 3, 1, 1))


def scores(rows, columns):
    return F.normalize(draw(rows, 3), dim=1) @ F.normalize(draw(columns, 3), dim=1).T * 1024 // 1 / 1024


case("noiseContrast", "5 others", scores(4, 6), torch.zeros(1), more={"logZ": torch.tensor(3.25)}, temperature=0.5, n=30)
case("noiseContrast", "sharp", scores(3, 9), torch.zeros(1), more={"logZ": torch.tensor(12.0)}, temperature=0.07, n=500)
case("noiseContrast", "batch of one, scores of ±40", torch.tensor([[-2.5, 2.5, 2.5, -2.5]]), torch.zeros(1), more={"logZ": torch.tensor(0.5)}, temperature=0.0625, n=8)
pair = ("student", "teacher")
case("infoNce", "temperature 1", draw(4, 3), draw(4, 3), pair, temperature=1)
case("infoNce", "sharp", draw(3, 5), draw(3, 5), pair, temperature=0.0625)
case("infoNce", "batch of one", draw(1, 3), draw(1, 3), pair, temperature=0.5)
case("infoNce", "equal rows, scores of 40", torch.ones(3, 4), draw(3, 4), pair, temperature=0.025)

case("activationBoundaries", "margin 1", draw(3, 2, 2, 2), draw(3, 2, 2, 2), margin=1)
case("activationBoundaries", "margin 2, the published sum", draw(2, 6), draw(2, 6), margin=2, form="paper")
case("activationBoundaries", "batch of one, activations of 40", large(1, 6), large(1, 6), margin=1)

case("factorTransfer", "maps", draw(2, 2, 3, 3), draw(2, 2, 3, 3))
case("factorTransfer", "squared, the published sum", draw(3, 5), draw(3, 5), norm="l2", form="paper")
case("factorTransfer", "batch of one, activations of 40", large(1, 5), large(1, 5) + draw(1, 5))
case("meanFactorTransfer", "unlike sizes, squared", draw(2, 3, 4, 4), draw(2, 2, 2, 2), norm="l2")
case("meanFactorTransfer", "tokens", draw(2, 4, 3), draw(2, 4, 2))
case("meanFactorTransfer", "batch of one, activations of 40", torch.full((1, 2, 2, 2), 40.0), large(1, 3, 2, 2) + draw(1, 3, 2, 2))


def flows(note, first, second, teacher, teacherSecond):
    inputs = {"second": second, "teacherSecond": teacherSecond}
    case("solutionFlow", note, first, teacher, ("student", "second"), inputs)


flows("maps of one size", draw(2, 2, 3, 3), draw(2, 3, 3, 3), draw(2, 2, 3, 3), draw(2, 3, 3, 3))
flows("shrinking maps", draw(2, 2, 4, 4), draw(2, 3, 2, 2), draw(2, 2, 4, 4), draw(2, 3, 3, 3))
flows("batch of one, activations of 40", large(1, 2, 2, 2), large(1, 1, 2, 2), large(1, 2, 2, 2), large(1, 1, 2, 2))

case("partialDistance", "maps", draw(2, 3, 2, 2), draw(2, 3, 2, 2))
case("partialDistance", "vectors", draw(4, 3), draw(4, 3))
case("partialDistance", "batch of one, no negative numbers, activations of 40", large(1, 3), large(1, 3).abs())

cases.finish()
