"""Static embeddings: python3 scripts/reference/static_embeddings.py > test/fixtures/golden/static-embeddings.json

NumPy in float64: principal components by singular values, then weights of words.
"""

import json

import numpy as np

WORDS, WIDTH = 40, 7


def numbers(seed, *shape):
    """Numbers in ±0.5."""
    size = int(np.prod(shape))
    return np.array([((i * 7919 + seed * 104729 + 13) % 1009) / 1009 - 0.5 for i in range(size)]).reshape(shape)


vectors = numbers(1, WORDS, WIDTH) * np.array([5.0, 3, 2, 1.5, 1, 0.7, 0.4]) @ numbers(2, WIDTH, WIDTH) + numbers(3, WIDTH)
counts = ((numbers(4, WORDS) + 0.5) * 50).astype(int)


def components(size):
    centred = vectors - vectors.mean(0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    upright = [d * np.sign(d[np.abs(d).argmax()]) for d in directions[:size]]
    return centred @ np.array(upright).T


def weights(weighting, counted):
    shares = 1 / np.arange(2, WORDS + 2)
    shares = counts / counts.sum() if counted else shares / shares.sum()
    ranks = np.empty(WORDS)
    ranks[np.argsort(-shares, kind="stable")] = np.arange(1, WORDS + 1)
    return {"none": np.ones(WORDS), "zipf": np.log(1 + ranks), "sif": 1e-4 / (1e-4 + shares)}[weighting]


cases = [
    {"size": size, "weighting": w, "counted": c, "table": (components(size) * weights(w, c)[:, None]).flatten().tolist()}
    for size, w, c in [(7, "none", False), (3, "sif", False), (4, "sif", True), (2, "zipf", False), (5, "zipf", True)]
]
print(json.dumps({"numpy": np.__version__, "vectors": vectors.tolist(), "counts": counts.tolist(), "cases": cases}))
