"""Priors of synthesisers with draws or networks of their own, from PyTorch in float64:
python3 scripts/reference/synthesis_networks.py > test/fixtures/golden/synthesis-networks.json

Inputs have the names that the priors ask for. A loss is one number.
"""

import torch
import torch.nn.functional as F

from cases import Cases, draw

cases = Cases(61)


def small(*shape, scale=0.4):
    return draw(*shape, scale=scale)


def targets(o, logits, targets):
    want = targets[:, :-1]
    return -(want * torch.log_softmax(logits / o["temperature"], 1)).sum(1).mean().reshape(1)


def drawn(count, classes):
    shares = torch.distributions.Dirichlet(torch.full((classes,), 0.5)).sample((count,)).float().double()
    return torch.cat([shares, torch.zeros(count, 1)], 1)


for temperature in (20.0, 1.0):
    cases.add(
        "targets",
        f"temperature {temperature:g}",
        targets,
        {"logits": draw(6, 4, scale=8), "targets": drawn(6, 4)},
        wrt=("logits",),
        temperature=temperature,
    )


def standard(o, x):
    shape = (1, -1) + (1,) * (x.dim() - 2)
    mean, std = (torch.tensor(o[k], dtype=torch.float64).reshape(shape) for k in ("mean", "std"))
    return (x - mean) / std


def judged(o, x, weights):
    h = standard(o, x)
    lines = [name for name in weights if name.endswith(".weight") and "end" not in name]
    for name in lines:
        w, b = weights[name], weights[name.replace("weight", "bias")]
        h = F.conv2d(h, w, b, stride=2, padding=1) if w.dim() == 4 else h @ w + b
        h = F.leaky_relu(h, 0.2)
    return h.flatten(1) @ weights["judge.end.weight"] + weights["judge.end.bias"]


def discriminator(o, view, real, **weights):
    """Both players' losses, each with the other's part fixed: the sum of their gradients is that of the sum."""
    fixed = {name: w.detach() for name, w in weights.items()}
    generator = F.binary_cross_entropy_with_logits(judged(o, view, fixed), torch.ones(len(view), 1))
    known = F.binary_cross_entropy_with_logits(judged(o, real, weights), torch.ones(len(real), 1))
    made = F.binary_cross_entropy_with_logits(judged(o, view.detach(), weights), torch.zeros(len(view), 1))
    return (generator + known + made).reshape(1)


maps = {
    "judge.conv1.weight": small(3, 2, 3, 3),
    "judge.conv1.bias": small(3),
    "judge.conv2.weight": small(6, 3, 3, 3),
    "judge.conv2.bias": small(6),
    "judge.end.weight": small(6 * 3 * 4, 1),
    "judge.end.bias": small(1),
}
cases.add(
    "discriminator",
    "pictures",
    discriminator,
    {"view": draw(4, 2, 11, 13, scale=0.5), "real": draw(4, 2, 11, 13, scale=0.5), **maps},
    wrt=("view", *maps),
    width=3,
    mean=[0.5, 0.25],
    std=[0.25, 0.5],
)
units = {
    "judge.fc1.weight": small(5, 7),
    "judge.fc1.bias": small(7),
    "judge.fc2.weight": small(7, 7),
    "judge.fc2.bias": small(7),
    "judge.end.weight": small(7, 1),
    "judge.end.bias": small(1),
}
cases.add(
    "discriminator",
    "vectors",
    discriminator,
    {"view": draw(6, 5), "real": draw(6, 5), **units},
    wrt=("view", *units),
    width=7,
    mean=[0.5, 0.25, 0.0, -1.0, 2.0],
    std=[0.25, 0.5, 1.0, 2.0, 1.0],
)


def resampled(view, places):
    """The picture at places, between pixels in a straight line, black outside."""
    _, _, height, width = view.shape
    side, top, across, left = (places[:, i : i + 1] for i in range(4))
    rows = (top + side * torch.arange(height)) * 2 / (height - 1) - 1
    columns = (left + across * torch.arange(width)) * 2 / (width - 1) - 1
    size = (len(view), height, width)
    grid = torch.stack([columns[:, None, :].expand(size), rows[:, :, None].expand(size)], 3)
    return F.grid_sample(view, grid, mode="bilinear", padding_mode="zeros", align_corners=True)


def contrast(o, view, kernel, memory, latest, round, **more):
    changed = resampled(view, more["places"]) if view.dim() == 4 else view + more["noise"] * torch.tensor(o["std"]) * o["noise"]
    ask = lambda x: torch.tanh(F.conv2d(x, kernel)).mean((2, 3)) if x.dim() == 4 else torch.tanh(x @ kernel)
    local, whole = ask(changed), ask(view)
    known = torch.cat([latest, memory]) if float(round) != float(more["round-before"]) else memory
    known = known[: len(memory)]
    known = known[known[:, -1] == 1]
    width = local.shape[1]

    def project(x):
        h = F.relu(x @ more["head.fc1.weight"] + more["head.fc1.bias"])
        return F.normalize(h @ more["head.fc2.weight"] + more["head.fc2.bias"], dim=1)

    rows = project(torch.cat([local, known[:, :width]]))
    partners = project(torch.cat([whole, known[:, width : 2 * width]])).detach()
    values = F.cross_entropy(rows @ partners.T / o["temperature"], torch.arange(len(rows)), reduction="none")
    earlier = values[len(view) :]
    return (values[: len(view)].mean() + (earlier.mean() if len(earlier) else 0)).reshape(1)


def remembered(count, width, there):
    return torch.cat([draw(count, 2 * width, scale=0.5), torch.ones(count, 1)], 1) * torch.tensor(there).reshape(-1, 1)


head = {
    "head.fc1.weight": small(3, 3, scale=1),
    "head.fc1.bias": small(3),
    "head.fc2.weight": small(3, 4, scale=1),
    "head.fc2.bias": small(4),
}
first = torch.tensor([0.25])
places = torch.tensor([[0.75, 0.5, 0.75, 1.0], [1.0, 0.0, -1.0, 5.0], [0.5, -1.25, 0.5, 2.5], [0.625, 2.0, -0.625, 4.5]])
pictures = lambda: {"view": draw(4, 2, 5, 6, scale=0.5), "kernel": small(3, 2, 2, 2, scale=1), "places": places, **head}
for note, before, memory, latest in (
    ("nothing remembered", -1.0, [0.0] * 6, [0.0] * 4),
    ("in the middle of a round", 0.25, [1.0] * 4 + [0.0] * 2, [1.0] * 4),
    ("at the start of the second", 0.125, [0.0] * 6, [1.0] * 4),
    ("where the oldest are forgotten", 0.125, [1.0] * 4 + [0.0] * 2, [1.0] * 4),
):
    cases.add(
        "contrast",
        f"pictures, {note}",
        contrast,
        {
            **pictures(),
            "memory": remembered(6, 3, memory),
            "latest": remembered(4, 3, latest),
            "round": first,
            "round-before": torch.tensor([before]),
        },
        wrt=("view", *head),
        temperature=0.1,
        width=4,
        std=[1.0, 1.0],
    )
cases.add(
    "contrast",
    "vectors",
    contrast,
    {
        "view": draw(5, 2),
        "kernel": small(2, 3, scale=1),
        "noise": draw(5, 2, scale=1),
        **head,
        "memory": remembered(6, 3, [1.0] * 5 + [0.0]),
        "latest": remembered(5, 3, [1.0] * 5),
        "round": first,
        "round-before": first,
    },
    wrt=("view", *head),
    temperature=0.5,
    width=4,
    noise=0.25,
    std=[2.0, 0.5],
)

cases.finish()
