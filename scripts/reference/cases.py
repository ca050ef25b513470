"""Records cases of losses for the golden tests: inputs, values per example, and gradients of the mean of the values."""

import json

import torch

torch.set_default_dtype(torch.float64)


def draw(*shape, scale=2.0):
    """Normal numbers that float32 holds exactly."""
    return (torch.randn(*shape) * scale * 1024).round() / 1024


def packed(t):
    kind = "int64" if t.dtype == torch.int64 else "float32"
    return {"shape": list(t.shape), "dtype": kind, "data": t.detach().flatten().tolist()}


class Cases:
    """Collects cases; `finish()` prints them as JSON."""

    def __init__(self, seed):
        torch.manual_seed(seed)
        self.cases = []

    def add(self, loss, note, function, inputs, wrt=("student",), tolerance=None, **options):
        """`function(options, **inputs)` gives one value per example; gradients are taken for the inputs named in `wrt`.

        `tolerance`: for cases that float32 cannot hold to the usual one; say why in the note.
        """
        given = {name: t.clone().requires_grad_(name in wrt) for name, t in inputs.items()}
        values = function(options, **given)
        if wrt:
            values.mean().backward()
        zeros = lambda t: torch.zeros_like(t) if t.grad is None else t.grad
        self.cases.append(
            {
                "loss": loss,
                "note": note,
                "options": options,
                "inputs": {name: packed(t) for name, t in given.items()},
                "values": values.detach().tolist(),
                "gradients": {name: zeros(given[name]).flatten().tolist() for name in wrt},
                **({} if tolerance is None else {"tolerance": tolerance}),
            }
        )

    def finish(self):
        print(json.dumps({"torch": torch.__version__, "cases": self.cases}))
