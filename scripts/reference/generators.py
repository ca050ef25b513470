"""Networks that make examples of codes: python3 scripts/reference/generators.py > test/fixtures/golden/generators.json

PyTorch in float64. Codes, weights and cotangents come from integer arithmetic that any language repeats. Values, and gradients of the sum
of the values times given numbers over the batch size.
"""

import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def numbers(seed, shape):
    """Numbers in ±0.5."""
    size = math.prod(shape)
    return torch.tensor([((i * 7919 + seed * 104729 + 13) % 1009) / 1009 - 0.5 for i in range(size)]).reshape(shape)


class Weights:
    """Made in the order in which they are asked for; the layout is ours: matrices are [in, out]."""

    def __init__(self):
        self.made = {}

    def __call__(self, name, *shape):
        value = numbers(len(self.made), shape) * (0.4 if len(shape) == 1 else 0.8)
        self.made[name] = (value + 1 if name.startswith("norm") and name.endswith("weight") else value).requires_grad_()
        return self.made[name]


def norm(w, name, x):
    c = x.shape[1]
    return F.batch_norm(x, None, None, w(f"{name}.weight", c), w(f"{name}.bias", c), training=True)


def linear(w, name, x, units, bias):
    y = x @ w(f"{name}.weight", x.shape[1], units)
    return y + w(f"{name}.bias", units) if bias else y


def convolutional(w, z, example, options, bias):
    c, h, wide = example
    n = options["channels"]
    start = [math.ceil(h / 4), math.ceil(wide / 4)]
    x = linear(w, "start", z, 2 * n * start[0] * start[1], True).reshape(z.shape[0], 2 * n, *start)
    x = norm(w, "norm0", x)
    x = F.interpolate(x, scale_factor=2)[:, :, : math.ceil(h / 2), : math.ceil(wide / 2)]
    x = F.leaky_relu(norm(w, "norm1", F.conv2d(x, w("conv1.weight", 2 * n, 2 * n, 3, 3), padding=1)), 0.2)
    x = F.interpolate(x, scale_factor=2)[:, :, :h, :wide]
    x = F.leaky_relu(norm(w, "norm2", F.conv2d(x, w("conv2.weight", n, 2 * n, 3, 3), padding=1)), 0.2)
    kernel = w("end.weight", c, n, 3, 3)
    return F.conv2d(x, kernel, w("end.bias", c) if bias else None, padding=1)


def mlp(w, z, example, options, bias):
    x = z
    for i in (1, 2):
        x = F.leaky_relu(norm(w, f"norm{i}", linear(w, f"fc{i}", x, options["width"], False)), 0.2)
    return linear(w, "end", x, math.prod(example), bias).reshape(z.shape[0], *example)


def standardised(x, spreads):
    y = F.batch_norm(x, None, None, training=True)
    across = [1, -1] + [1] * (x.dim() - 2)
    return y * torch.tensor(spreads["std"]).reshape(across) + torch.tensor(spreads["mean"]).reshape(across)


def case(note, network, end, example, batch, spreads, options):
    w = Weights()
    z = (numbers(77, [batch, options["latent"]]) * 3).requires_grad_()
    raw = network(w, z, example, options, end == "sigmoid")
    view = torch.sigmoid(raw) if end == "sigmoid" else standardised(raw, spreads)
    ((view * numbers(9, view.shape)).sum() / batch).backward()
    return {
        "note": note,
        "example": example,
        "batch": batch,
        "spreads": spreads,
        "options": {**options, "architecture": network.__name__, "end": end},
        "view": view.flatten().tolist(),
        "parameters": [
            {"name": name, "shape": list(p.shape), "gradient": p.grad.flatten().tolist()} for name, p in w.made.items()
        ],
    }


print(
    json.dumps(
        {
            "torch": torch.__version__,
            "cases": [
                case("even sizes", convolutional, "sigmoid", [1, 8, 12], 3, {"mean": [0.3], "std": [0.2]}, {"latent": 5, "channels": 2}),
                case(
                    "odd sizes and several colours",
                    convolutional,
                    "standardised",
                    [3, 7, 9],
                    4,
                    {"mean": [0.3, 0.5, 0.4], "std": [0.2, 0.25, 0.3]},
                    {"latent": 4, "channels": 3},
                ),
                case(
                    "vectors",
                    mlp,
                    "standardised",
                    [5],
                    6,
                    {"mean": [0, 0.1, -0.2, 0, 3], "std": [1, 0.9, 1.2, 1, 2]},
                    {"latent": 4, "width": 6},
                ),
                case("pictures of an mlp", mlp, "sigmoid", [2, 3, 4], 5, {"mean": [0, 0], "std": [1, 1]}, {"latent": 3, "width": 4}),
            ],
        }
    )
)
