"""Weights after steps of optimizers, and learning rates: python3 scripts/reference/optim.py > test/fixtures/golden/optim.json

PyTorch in float64; Lion and the accumulation of uneven batches from their formulas in NumPy.
"""

import json

import numpy as np
import torch
from torch.optim.swa_utils import AveragedModel

torch.set_default_dtype(torch.float64)

STEPS = 24
SHAPES = {"fc.weight": [3, 2], "fc.bias": [4], "scale": []}


def numbers(seed, shape):
    """Numbers in ±0.5 that any language makes alike."""
    size = int(np.prod(shape))
    return np.array([((i * 7919 + seed * 104729 + 13) % 1009) / 1009 - 0.5 for i in range(size)]).reshape(shape)


def start():
    return {name: numbers(k, shape) * 2 for k, (name, shape) in enumerate(SHAPES.items())}


def gradient(step, name, w):
    """Towards a moving place, so that it depends on the weights and on the step."""
    k = list(SHAPES).index(name)
    return 1.5 * w + numbers(1000 + 17 * step + k, SHAPES[name]) * 3


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.list = torch.nn.ParameterList([torch.nn.Parameter(torch.tensor(w)) for w in start().values()])


def with_torch(make, clip=None, average=None):
    net = Net()
    optimizer = make(list(net.parameters()))
    mean = AveragedModel(net, avg_fn=lambda a, p, n: average * a + (1 - average) * p) if average else None
    path = []
    for step in range(STEPS):
        for name, p in zip(SHAPES, net.parameters()):
            p.grad = torch.tensor(gradient(step, name, p.detach().numpy()))
        if clip:
            clip(net.parameters())
        optimizer.step()
        if mean:
            mean.update_parameters(net)
        shown = mean.module if mean else net
        path.append({name: p.detach().flatten().tolist() for name, p in zip(SHAPES, shown.parameters())})
    return path


def lion(rate, beta1, beta2, decay):
    weights, momentum, path = start(), {n: np.zeros(s) for n, s in SHAPES.items()}, []
    for step in range(STEPS):
        for name, w in weights.items():
            g = gradient(step, name, w)
            c = beta1 * momentum[name] + (1 - beta1) * g
            weights[name] = w - rate * (np.sign(c) + decay * w)
            momentum[name] = beta2 * momentum[name] + (1 - beta2) * g
        path.append({n: w.flatten().tolist() for n, w in weights.items()})
    return path


def accumulated(rate, momentum, counts):
    """SGD with momentum on the mean over all examples of len(counts) batches."""
    weights, trace, path = start(), {n: np.zeros(s) for n, s in SHAPES.items()}, []
    sums = {n: np.zeros(s) for n, s in SHAPES.items()}
    for step in range(STEPS):
        n = counts[step % len(counts)]
        for name, w in weights.items():
            sums[name] += n * gradient(step, name, w)
        if (step + 1) % len(counts) == 0:
            for name, w in weights.items():
                trace[name] = momentum * trace[name] + sums[name] / sum(counts)
                weights[name] = w - rate * trace[name]
                sums[name] = np.zeros(SHAPES[name])
        path.append({n: w.flatten().tolist() for n, w in weights.items()})
    return path


SGD, Adam, AdamW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
norm, value = torch.nn.utils.clip_grad_norm_, torch.nn.utils.clip_grad_value_

cases = [
    ({"kind": "sgd", "learningRate": 0.1, "momentum": 0}, with_torch(lambda p: SGD(p, 0.1))),
    ({"kind": "sgd", "learningRate": 0.05, "momentum": 0.9}, with_torch(lambda p: SGD(p, 0.05, momentum=0.9))),
    (
        {"kind": "sgd", "learningRate": 0.05, "momentum": 0.9, "nesterov": True, "weightDecay": 0.1},
        with_torch(lambda p: SGD(p, 0.05, momentum=0.9, nesterov=True, weight_decay=0.1)),
    ),
    (
        {"kind": "sgd", "learningRate": 0.05, "momentum": 0.8, "dampening": 0.5, "weightDecay": 0.01},
        with_torch(lambda p: SGD(p, 0.05, momentum=0.8, dampening=0.5, weight_decay=0.01)),
    ),
    ({"kind": "adam", "learningRate": 0.05}, with_torch(lambda p: Adam(p, 0.05))),
    (
        {"kind": "adam", "learningRate": 0.1, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-2, "weightDecay": 0.1},
        with_torch(lambda p: Adam(p, 0.1, betas=(0.8, 0.95), eps=1e-2, weight_decay=0.1)),
    ),
    ({"kind": "adamw", "learningRate": 0.05}, with_torch(lambda p: AdamW(p, 0.05))),
    (
        {"kind": "adamw", "learningRate": 0.05, "weightDecay": 0.5},
        with_torch(lambda p: AdamW(p, 0.05, weight_decay=0.5)),
    ),
    ({"kind": "lion", "learningRate": 0.03}, lion(0.03, 0.9, 0.99, 0)),
    (
        {"kind": "lion", "learningRate": 0.03, "beta1": 0.95, "beta2": 0.98, "weightDecay": 0.3},
        lion(0.03, 0.95, 0.98, 0.3),
    ),
    (
        {"kind": "sgd", "learningRate": 0.1, "momentum": 0.9, "clipNorm": 0.5},
        with_torch(lambda p: SGD(p, 0.1, momentum=0.9), clip=lambda p: norm(p, 0.5)),
    ),
    (
        {"kind": "sgd", "learningRate": 0.1, "momentum": 0, "clipNorm": 3.5},
        with_torch(lambda p: SGD(p, 0.1), clip=lambda p: norm(p, 3.5)),
    ),
    (
        {"kind": "sgd", "learningRate": 0.1, "momentum": 0, "clipValue": 0.3},
        with_torch(lambda p: SGD(p, 0.1), clip=lambda p: value(p, 0.3)),
    ),
    (
        {"kind": "sgd", "learningRate": 0.1, "momentum": 0.5, "ema": {"decay": 0.8, "warmup": False}},
        with_torch(lambda p: SGD(p, 0.1, momentum=0.5), average=0.8),
    ),
    (
        {
            "kind": "sgd",
            "learningRate": 0.1,
            "groups": [
                {"match": "*.bias", "learningRate": 0.1, "weightDecay": 0.2},
                {"match": ["scale"], "frozen": True},
            ],
        },
        with_torch(
            lambda p: SGD(
                [{"params": p[:1]}, {"params": p[1:2], "lr": 0.01, "weight_decay": 0.2}], 0.1, momentum=0.9
            )
        ),
    ),
]
kept = [1, 2, 3, 8, STEPS]
optimizers = [
    {"options": {**options, "schedule": {"kind": "constant"}}, "weights": {str(s): path[s - 1] for s in kept}}
    for options, path in cases
]
counts = [5, 2, 9]
uneven = {"counts": counts, "weights": accumulated(0.1, 0.9, counts)[-1]}

TOTAL = 30


def rates(make, steps=TOTAL):
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    schedule = make(optimizer)
    seen = []
    for _ in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return seen


S = torch.optim.lr_scheduler
ramp = lambda t: t / 6 if t < 6 else (30 - t) / 24
schedules = [
    ({"kind": "constant"}, rates(lambda o: S.LambdaLR(o, lambda t: 1.0))),
    ({"kind": "step", "every": 0.2, "gamma": 0.5}, rates(lambda o: S.StepLR(o, 6, 0.5))),
    ({"kind": "multi-step", "at": [0.3, 0.9], "gamma": 0.1}, rates(lambda o: S.MultiStepLR(o, [9, 27], 0.1))),
    ({"kind": "cosine"}, rates(lambda o: S.CosineAnnealingLR(o, TOTAL))),
    ({"kind": "cosine", "final": 0.25}, rates(lambda o: S.CosineAnnealingLR(o, TOTAL, eta_min=0.25))),
    (
        {"kind": "cosine", "warmup": 0.1, "warmupFrom": 0.5},
        rates(
            lambda o: S.SequentialLR(
                o, [S.LinearLR(o, start_factor=0.5, total_iters=3), S.CosineAnnealingLR(o, TOTAL - 3)], [3]
            )
        ),
    ),
    ({"kind": "linear", "warmup": 0.2}, rates(lambda o: S.LambdaLR(o, ramp))),
    ({"kind": "one-cycle"}, rates(lambda o: S.OneCycleLR(o, 1.0, total_steps=TOTAL), TOTAL - 1)),
    (
        {"kind": "one-cycle", "peak": 0.25, "divide": 10, "finalDivide": 100, "shape": "linear"},
        rates(
            lambda o: S.OneCycleLR(
                o, 1.0, total_steps=TOTAL, pct_start=0.25, div_factor=10, final_div_factor=100, anneal_strategy="linear"
            ),
            TOTAL - 1,
        ),
    ),
]

print(
    json.dumps(
        {
            "torch": torch.__version__,
            "optimizers": optimizers,
            "uneven": uneven,
            "total": TOTAL,
            "schedules": [{"options": options, "factors": factors} for options, factors in schedules],
        }
    )
)
