"""The metadata prior of Lopes et al. 2017 on a small teacher: python3 scripts/reference/metadata.py > test/fixtures/golden/metadata.json"""

import json

import torch

from cases import draw, packed

torch.manual_seed(41)

BATCH, INPUTS, HIDDEN, CLASSES = 4, 6, 5, 3
w0, w1 = draw(INPUTS, HIDDEN), draw(HIDDEN, CLASSES)
data, labels = draw(60, INPUTS), torch.arange(60) % CLASSES


def layers(x):
    h = torch.relu(x @ w0)
    return {"hidden.0": h, "logits": h @ w1}


def covariance(x):
    """Term by term, as a sum over examples and places."""
    centred = x - x.mean(0)
    total = torch.zeros(x.shape[1], x.shape[1])
    for row in centred:
        total += torch.outer(row, row)
    return total / (len(x) - 1)


def moments(x):
    return {"count": len(x), "mean": x.mean(0).tolist(), "covariance": covariance(x).flatten().tolist()}


def grouped(x):
    return {"all": moments(x), "byClass": [moments(x[labels == c]) for c in range(CLASSES)]}


recorded = layers(data)
joint = torch.cat(list(recorded.values()), 1)


def basis(x, share):
    values, vectors = torch.linalg.eigh(covariance(x))
    kept = max(1, round(share * x.shape[1]))
    return vectors[:, values.argsort(descending=True)[:kept]]


def squares(a, b):
    """Mean over examples of the mean over numbers, one by one."""
    return sum((a[i, j] - b[i, j]) ** 2 for i in range(a.shape[0]) for j in range(a.shape[1])) / a.numel()


def loss(options, x, targets, mask):
    found = layers(x)
    code = options.get("form") == "code"
    seen = torch.relu if code else lambda v: v
    match = options["match"]
    if match == "top":
        return squares(seen(found["logits"]), seen(targets))
    if match == "spectral-pairs":
        v = basis(joint, options["spectrum"])
        return squares(seen(torch.cat(list(found.values()), 1)) @ v, seen(targets) @ v)
    total = 0.0
    at = 0
    for name, a in found.items():
        width = a.shape[1]
        a, b = seen(a), seen(targets[:, at : at + width])
        at += width
        if match == "all-dropout" and name != "logits":
            # Only units that are kept count, and for those that are not.
            kept = [j for j in range(width) if mask[0, j] > 0]
            term = sum(((a[:, j] - b[:, j]) ** 2).mean() for j in kept) / width / options["keep"]
        elif match == "spectral":
            v = basis(recorded[name], options["spectrum"])
            term = squares(a @ v, b @ v)
        else:
            term = squares(a, b)
        total = total + (term / width if code else term)
    return total


cases = []
for options in [
    {"match": "top"},
    {"match": "top", "form": "code"},
    {"match": "all"},
    {"match": "all", "form": "code"},
    {"match": "all-dropout", "keep": 0.5},
    {"match": "spectral", "spectrum": 0.4},
    {"match": "spectral-pairs", "spectrum": 0.25},
]:
    x = draw(BATCH, INPUTS).requires_grad_()
    width = CLASSES if options["match"] == "top" else HIDDEN + CLASSES
    targets = draw(BATCH, width)
    mask = torch.tensor([[1.0, 0.0, 1.0, 1.0, 0.0]]) / options.get("keep", 1.0) ** 0.5
    value = loss(options, x, targets, mask)
    value.backward()
    cases.append(
        {
            "options": options,
            "inputs": {"view": packed(x), "targets": packed(targets), "mask hidden.0": packed(mask)},
            "value": value.item(),
            "gradient": x.grad.flatten().tolist(),
        }
    )

print(
    json.dumps(
        {
            "torch": torch.__version__,
            "weights": [packed(w0), packed(w1)],
            "data": packed(data),
            "labels": labels.tolist(),
            "layers": {name: grouped(x) for name, x in recorded.items()},
            "pair": grouped(joint),
            "cases": cases,
        }
    )
)
