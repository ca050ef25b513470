"""Networks for texts and their heads: python3 scripts/reference/texts.py > test/fixtures/golden/texts.json

PyTorch in float64, with its own attention. Weights, tokens and cotangents come from integer arithmetic that any language repeats, so
that only results are kept. The loss is the sum of the outputs times given numbers.
"""

import json
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

VOCABULARY, LENGTHS, LONGEST = 23, [9, 4, 1], 9
tables = {"word", "position", "type"}


def numbers(seed, shape):
    """Numbers in ±0.5."""
    size = math.prod(shape)
    return torch.tensor([((i * 7919 + seed * 104729 + 13) % 1009) / 1009 - 0.5 for i in range(size)]).reshape(shape)


def batch():
    """ids, types and a mask, padded with zeros; the second half of a text is another text."""
    shape = [len(LENGTHS), LONGEST]
    ids = ((numbers(50, shape) + 0.5) * VOCABULARY).floor().long()
    mask = torch.tensor([[i < n for i in range(LONGEST)] for n in LENGTHS])
    types = torch.tensor([[int(2 * i >= n) for i in range(LONGEST)] for n in LENGTHS])
    return ids * mask, types * mask, mask


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.key, self.value, self.query = (nn.Linear(width, width) for _ in range(3))
        self.output, self.norm = nn.Linear(width, width), nn.LayerNorm(width, eps=1e-12)

    def forward(self, x, mask):
        q, k, v = self.query, self.key, self.value
        rows = x.transpose(0, 1)
        y, _ = F.multi_head_attention_forward(
            rows, rows, rows, x.shape[-1], self.heads, None, torch.cat([q.bias, k.bias, v.bias]), None, None, False, 0.0,
            self.output.weight, self.output.bias, key_padding_mask=~mask, use_separate_proj_weight=True,
            q_proj_weight=q.weight, k_proj_weight=k.weight, v_proj_weight=v.weight,
        )  # fmt: skip
        return self.norm(x + y.transpose(0, 1))


class FeedForward(nn.Module):
    def __init__(self, width, inner, activation):
        super().__init__()
        self.inner, self.output = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm, self.activation = nn.LayerNorm(width, eps=1e-12), activation

    def forward(self, x):
        return self.norm(x + self.output(self.activation(self.inner(x))))


class Layer(nn.Module):
    def __init__(self, width, heads, inner, activation):
        super().__init__()
        self.attention, self.feedforward = Attention(width, heads), FeedForward(width, inner, activation)

    def forward(self, x, mask):
        return self.feedforward(self.attention(x, mask))


class Embeddings(nn.Module):
    def __init__(self, width, types):
        super().__init__()
        self.word, self.position = nn.Embedding(VOCABULARY, width), nn.Embedding(LONGEST, width)
        # Modules have a method of that name already.
        self._modules |= {"type": nn.Embedding(types, width)} if types else {}
        self.norm = nn.LayerNorm(width, eps=1e-12)

    def forward(self, ids, types):
        x = self.word(ids) + self.position(torch.arange(ids.shape[1]))
        return self.norm(x + self._modules["type"](types) if "type" in self._modules else x)


class Bert(nn.Module):
    def __init__(self, outputs, layers, width, heads, inner, activation, types, pooling, head):
        super().__init__()
        self.pooling, self.head = pooling, head
        self.embeddings = Embeddings(width, types)
        self.layers = nn.ModuleList([Layer(width, heads, inner, activation) for _ in range(layers)])
        self.pooler = nn.Linear(width, width) if pooling == "pooler" else None
        if head == "classification":
            self.classifier = nn.Linear(width, outputs)
        elif outputs != width:
            self.projection = nn.Linear(width, outputs)

    def hidden(self, ids, types, mask):
        x, states = self.embeddings(ids, types), []
        for layer in self.layers:
            x = layer(x, mask)
            states.append(x)
        return states

    def forward(self, ids, types, mask):
        x = self.hidden(ids, types, mask)[-1]
        if self.pooling == "mean":
            pooled = torch.stack([v[m].mean(0) for v, m in zip(x, mask)])
        else:
            pooled = x[:, 0] if self.pooling == "first" else torch.tanh(self.pooler(x[:, 0]))
        if self.head == "classification":
            return self.classifier(pooled)
        return F.normalize(self.projection(pooled) if hasattr(self, "projection") else pooled, dim=-1)


class TextCnn(nn.Module):
    def __init__(self, outputs, width, windows, filters):
        super().__init__()
        self.word, self.windows = nn.Embedding(VOCABULARY, width), windows
        for i, size in enumerate(windows):
            setattr(self, f"conv{i + 1}", nn.Conv1d(width, filters, size))
        self.classifier = nn.Linear(filters * len(windows), outputs)

    def forward(self, ids, types, mask):
        rows = []
        for one, m in zip(ids, mask):
            x = self.word(one[m]).T[None]
            maps = [getattr(self, f"conv{i + 1}")(F.pad(x, (0, size - 1))) for i, size in enumerate(self.windows)]
            rows.append(torch.cat([F.relu(y).max(-1).values for y in maps], 1))
        return self.classifier(torch.cat(rows))


class Bag(nn.Module):
    def __init__(self, outputs, width, hidden, head):
        super().__init__()
        self.word, self.count, self.head = nn.Embedding(VOCABULARY, width), len(hidden), head
        for i, units in enumerate(hidden):
            setattr(self, f"fc{i + 1}", nn.Linear(([width] + hidden)[i], units))
        if head == "classification":
            self.classifier = nn.Linear(([width] + hidden)[-1], outputs)

    def forward(self, ids, types, mask):
        x = torch.stack([self.word(one[m]).mean(0) for one, m in zip(ids, mask)])
        for i in range(self.count):
            x = F.relu(getattr(self, f"fc{i + 1}")(x))
        return self.classifier(x) if self.head == "classification" else F.normalize(x, dim=-1)


class Masked(nn.Module):
    """Masked language modelling with the embeddings as the last layer."""

    places = torch.tensor([[1, 3, 8], [0, 2, 2], [0, 0, 0]])

    def __init__(self, width, heads, inner):
        super().__init__()
        self.bert = Bert(width, 1, width, heads, inner, F.gelu, 2, "first", "embedding")
        self.mlm = nn.Module()
        self.mlm.transform, self.mlm.norm = nn.Linear(width, width), nn.LayerNorm(width, eps=1e-12)
        self.mlm.bias = nn.Parameter(torch.zeros(VOCABULARY))

    def forward(self, ids, types, mask):
        x = self.bert.hidden(ids, types, mask)[-1]
        chosen = torch.stack([v[p] for v, p in zip(x, self.places)])
        y = self.mlm.norm(F.gelu(self.mlm.transform(chosen)))
        return y @ self.bert.embeddings.word.weight.T + self.mlm.bias


def ours(name, t):
    """Weights of linear layers are [in, out] here."""
    return t.T if t.dim() == 2 and name.split(".")[-2] not in tables else t


def fill(net):
    for k, (name, p) in enumerate(net.named_parameters()):
        if p.dim() == 1:
            p.data = numbers(k, p.shape) * 0.4 + (1 if name.endswith("weight") else 0)
            continue
        shape = ours(name, p).shape
        table = name.split(".")[-2] in tables
        scale = 2 if table else math.sqrt(24 / (p.numel() // p.shape[0]))
        p.data = ours(name, numbers(k, shape) * scale).contiguous()


def summary(t):
    """Enough of a tensor to tell it from any other: size, and products with fixed numbers."""
    flat = t.flatten()
    return [flat.norm().item(), (flat * numbers(7, flat.shape)).sum().item()]


def case(options, outputs, net):
    fill(net)
    ids, types, mask = batch()
    y = net(ids, types, mask)
    (y * numbers(200, y.shape)).sum().backward()
    hidden = net.hidden(ids, types, mask) if hasattr(net, "hidden") else []
    short = lambda name: name.removeprefix("bert.")
    return {
        "options": options,
        "outputs": outputs,
        "parameters": [short(name) for name, _ in net.named_parameters()],
        "result": y.flatten().tolist(),
        "gradients": {short(name): summary(ours(name, p.grad)) for name, p in net.named_parameters()},
        "hidden": [(h * mask[:, :, None]).flatten().tolist() for h in hidden],
    }


def bert(outputs, layers, width, heads, inner, activation, types, pooling, head):
    options = {"kind": "bert", "layers": layers, "width": width, "heads": heads, "inner": inner, "activation": activation}
    options |= {"types": types, "pooling": pooling, "head": head}
    rule = {"gelu": F.gelu, "relu": F.relu}[activation]
    return case(options, outputs, Bert(outputs, layers, width, heads, inner, rule, types, pooling, head))


cases = [
    bert(3, 2, 12, 3, 20, "gelu", 2, "pooler", "classification"),
    bert(3, 1, 8, 2, 8, "relu", 0, "first", "classification"),
    bert(8, 2, 8, 1, 10, "gelu", 2, "mean", "embedding"),
    bert(5, 1, 8, 2, 12, "gelu", 2, "first", "embedding"),
    case({"kind": "text-cnn", "width": 6, "windows": [2, 3], "filters": 5}, 3, TextCnn(3, 6, [2, 3], 5)),
    case({"kind": "bag", "width": 6}, 3, Bag(3, 6, [], "classification")),
    case({"kind": "bag", "width": 6, "hidden": [7]}, 3, Bag(3, 6, [7], "classification")),
    case({"kind": "bag", "width": 6, "head": "embedding"}, 6, Bag(6, 6, [], "embedding")),
]
shared = {"vocabulary": VOCABULARY, "lengths": LENGTHS, "longest": LONGEST}
masked = case({"kind": "bert", "layers": 1, "width": 8, "heads": 2, "inner": 12, "pooling": "first", "head": "embedding"}, 8, Masked(8, 2, 12))
print(json.dumps({"torch": torch.__version__, **shared, "cases": cases, "masked": {**masked, "places": Masked.places.tolist()}}))
