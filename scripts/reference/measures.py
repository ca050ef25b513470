"""Measures of made-up examples: python3 scripts/reference/measures.py > test/fixtures/golden/measures.json

NumPy in float64, by their definitions: all pairs, and the eigenvalues of the whole kernel.
"""

import json

import numpy as np

THRESHOLD = 0.05


def numbers(seed, *shape):
    """Numbers in ±0.5 that float32 holds exactly."""
    size = int(np.prod(shape))
    return np.array([(i * 7919 + seed * 104729 + (i * i) % 257) % 1024 / 1024 - 0.5 for i in range(size)]).reshape(shape)


def cosines(x):
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    return unit @ unit.T


def case(note, seed, n, width, classes, scale, copies=0, favoured=0.0):
    examples = numbers(seed, n, width)
    # Copies that are a little off, of a size that float32 holds.
    for c in range(copies):
        examples[n - 1 - c] = examples[c] + numbers(seed + 5, width).round(2) / 64
    examples = examples.astype(np.float32).astype(np.float64)
    logits = (numbers(seed + 1, n, classes) * scale).astype(np.float32).astype(np.float64)
    logits[:, 0] += favoured
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    top = logits.argmax(1)
    share = np.bincount(top, minlength=classes) / n
    named = share[share > 0]
    cosine = cosines(examples)
    within = []
    for k in range(classes):
        members = np.flatnonzero(top == k)
        pairs = [1 - cosine[i, j] for i in members for j in members if i != j]
        if pairs:
            within.append(np.mean(pairs))
    eigenvalues = np.linalg.eigvalsh(cosine / n)
    eigenvalues = eigenvalues[eigenvalues > 1e-14]
    distances = np.sqrt(((examples[:, None] - examples[None]) ** 2).sum(2))
    usual = np.sqrt((distances**2).sum() / (n * (n - 1)))
    np.fill_diagonal(distances, np.inf)
    return {
        "note": note,
        "n": n,
        "width": width,
        "classes": classes,
        "examples": examples.flatten().tolist(),
        "logits": logits.flatten().tolist(),
        "measures": {
            "classes covered": float((share > 0).mean()),
            "class balance": float(-(named * np.log(named)).sum() / np.log(classes)),
            "teacher confidence": float(p.max(1).mean()),
            "surer than 90 %": float((p.max(1) > 0.9).mean()),
            "distance within classes": float(np.mean(within)),
            "Vendi score": float(np.exp(-(eigenvalues * np.log(eigenvalues)).sum())),
            "near-duplicates": float((distances.min(1) <= THRESHOLD * usual).mean()),
        },
    }


cases = [
    case("more examples than numbers", 1, 40, 7, 4, 12),
    case("fewer examples than numbers", 2, 12, 30, 3, 6),
    case("copies that are a little off", 3, 24, 9, 5, 8, copies=5),
    case("one class favoured, others not named", 4, 30, 6, 8, 2, favoured=0.75),
]
print(json.dumps({"numpy": np.__version__, "cases": cases}))
