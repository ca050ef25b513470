"""Small transformers as PyTorch exports them: /usr/bin/python3 scripts/reference/export_transformers.py (from the root, PyTorch 1.13)

Writes test/fixtures/onnx/*.onnx and test/fixtures/golden/transformers.json. The networks are written the way Hugging Face's are
(masks made with Where, Expand and ConstantOfShape, positions sliced out of a buffer, Gelu by Erf or by tanh, heads split with view),
since that is what their exports consist of. Expected numbers are computed in float64 from the float32 weights of the files: logits,
loss, some gradients, and the losses of plain SGD on one batch.
"""

import contextlib
import copy
import io
import json
import math
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

VOCABULARY, LONGEST, WIDTH, HEADS, INNER, LAYERS, CLASSES = 50, 32, 16, 2, 32, 2, 3
LOWEST = torch.finfo(torch.float32).min


def additive(mask, like):
    """(1 - mask) times a large number, added to the scores: BERT's classical form."""
    return (1.0 - mask[:, None, None, :].to(like.dtype)) * LOWEST


def filled(mask, like):
    """The same expanded to [N, 1, L, L] and filled in."""
    n, length = mask.shape
    inverted = 1.0 - mask[:, None, None, :].expand(n, 1, length, length).to(like.dtype)
    return inverted.masked_fill(inverted.to(torch.bool), LOWEST)


class Attention(nn.Module):
    def __init__(self, mask):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out, self.mask = nn.Linear(WIDTH, WIDTH), mask

    def split(self, x):
        return x.view(x.size()[:-1] + (HEADS, WIDTH // HEADS)).permute(0, 2, 1, 3)

    def forward(self, x, mask):
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        if self.mask == "compared":
            scores = torch.matmul(q / math.sqrt(WIDTH // HEADS), k.transpose(2, 3))
            hidden = (mask == 0).view(mask.size(0), 1, 1, mask.size(1)).expand_as(scores)
            scores = scores.masked_fill(hidden, LOWEST)
        else:
            scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(WIDTH // HEADS)
            scores = scores + mask
        context = torch.matmul(F.softmax(scores, dim=-1), v).permute(0, 2, 1, 3).contiguous()
        return self.out(context.view(context.size()[:-2] + (WIDTH,)))


class Layer(nn.Module):
    def __init__(self, mask, pre):
        super().__init__()
        self.attention, self.pre = Attention(mask), pre
        self.intermediate, self.output = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12), nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x, mask):
        inner = lambda h: self.output(F.gelu(self.intermediate(h)))
        if self.pre:
            x = x + self.attention(self.norm1(x), mask)
            return x + inner(self.norm2(x))
        x = self.norm1(self.attention(x, mask) + x)
        return self.norm2(inner(x) + x)


class Embeddings(nn.Module):
    def __init__(self, types, norm):
        super().__init__()
        self.word_embeddings = nn.Embedding(VOCABULARY, WIDTH, padding_idx=0)
        self.position_embeddings = nn.Embedding(LONGEST, WIDTH)
        self.token_type_embeddings = nn.Embedding(2, WIDTH) if types else None
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12) if norm else None
        self.register_buffer("position_ids", torch.arange(LONGEST).expand((1, -1)))

    def forward(self, ids, types):
        x = self.word_embeddings(ids)
        if self.token_type_embeddings is not None:
            x = x + self.token_type_embeddings(types)
        x = x + self.position_embeddings(self.position_ids[:, : ids.size(1)])
        return x if self.norm is None else self.norm(x)


class Encoder(nn.Module):
    def __init__(self, mask="additive", pre=False, types=True):
        super().__init__()
        self.mask = mask
        self.embeddings = Embeddings(types, not pre)
        self.layer = nn.ModuleList([Layer(mask, pre) for _ in range(LAYERS)])
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12) if pre else None

    def forward(self, ids, mask, types=None):
        x = self.embeddings(ids, types)
        made = {"additive": additive, "filled": filled, "compared": lambda m, _: m}[self.mask](mask, x)
        for layer in self.layer:
            x = layer(x, made)
        return x if self.norm is None else self.norm(x)


class Classifier(nn.Module):
    """Pooled as BERT does: the first token, a linear layer, tanh."""

    def __init__(self, **options):
        super().__init__()
        self.encoder = Encoder(**options)
        self.pooler, self.classifier = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, CLASSES)

    def forward(self, *inputs):
        return self.classifier(torch.tanh(self.pooler(self.encoder(*inputs)[:, 0])))


class MaskedLanguageModel(nn.Module):
    """The decoder has the weights of the word embeddings and a bias of its own."""

    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.transform, self.norm = nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH, eps=1e-12)
        self.decoder = nn.Linear(WIDTH, VOCABULARY)
        self.decoder.weight = self.encoder.embeddings.word_embeddings.weight

    def forward(self, *inputs):
        return self.decoder(self.norm(F.gelu(self.transform(self.encoder(*inputs)))))


class Conv1D(nn.Module):
    def __init__(self, before, after):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(before, after).normal_(std=0.15)), nn.Parameter(torch.zeros(after))

    def forward(self, x):
        size = x.size()[:-1] + (self.bias.size(0),)
        return torch.addmm(self.bias, x.view(-1, x.size(-1)), self.weight).view(size)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.c_attn, self.c_proj = Conv1D(WIDTH, 3 * WIDTH), Conv1D(WIDTH, WIDTH)
        self.c_fc, self.c_out = Conv1D(WIDTH, INNER), Conv1D(INNER, WIDTH)
        causal = torch.tril(torch.ones((LONGEST, LONGEST), dtype=torch.bool))
        self.register_buffer("bias", causal.view(1, 1, LONGEST, LONGEST))

    def split(self, x):
        return x.view(x.size()[:-1] + (HEADS, WIDTH // HEADS)).permute(0, 2, 1, 3)

    def forward(self, x, mask):
        q, k, v = (self.split(p) for p in self.c_attn(self.ln_1(x)).split(WIDTH, dim=2))
        scores = torch.matmul(q, k.transpose(-1, -2)) / torch.full([], WIDTH / HEADS, dtype=q.dtype) ** 0.5
        length = q.size(-2)
        scores = torch.where(self.bias[:, :, :length, :length], scores, torch.full([], LOWEST, dtype=scores.dtype))
        context = torch.matmul(F.softmax(scores + mask, dim=-1), v).permute(0, 2, 1, 3).contiguous()
        x = x + self.c_proj(context.view(context.size()[:-2] + (WIDTH,)))
        h = self.c_fc(self.ln_2(x))
        h = 0.5 * h * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (h + 0.044715 * torch.pow(h, 3.0))))
        return x + self.c_out(h)


class Decoder(nn.Module):
    """GPT-2's form: a causal mask in a buffer, layers that hold their weights the other way round, tied output."""

    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(LONGEST, WIDTH)
        self.h, self.ln_f = nn.ModuleList([Block() for _ in range(LAYERS)]), nn.LayerNorm(WIDTH)
        self.lm_head = nn.Linear(WIDTH, VOCABULARY, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, ids, mask):
        positions = torch.arange(0, ids.size(-1), dtype=torch.long).unsqueeze(0)
        x = self.wte(ids) + self.wpe(positions)
        made = additive(mask, x)
        for block in self.h:
            x = block(x, made)
        return self.lm_head(self.ln_f(x))


CASES = [
    ("bert-11", 11, Classifier, {}, ["encoder.layer.0.attention.query.weight", "encoder.embeddings.word_embeddings.weight"]),
    ("bert-13", 13, Classifier, {}, ["encoder.layer.1.intermediate.weight", "encoder.embeddings.norm.weight"]),
    ("bert-14-filled", 14, Classifier, {"mask": "filled"}, ["encoder.layer.0.attention.key.weight", "pooler.bias"]),
    ("bert-17", 17, Classifier, {}, ["encoder.layer.1.norm2.weight", "encoder.embeddings.token_type_embeddings.weight"]),
    ("pre-norm-13", 13, Classifier, {"pre": True, "mask": "filled"}, ["encoder.layer.0.output.weight", "encoder.norm.bias"]),
    ("pre-norm-17", 17, Classifier, {"pre": True}, ["encoder.layer.0.norm1.weight", "encoder.layer.1.output.bias"]),
    (
        "distilbert-14",
        14,
        Classifier,
        {"mask": "compared", "types": False},
        ["encoder.layer.0.attention.value.weight", "encoder.embeddings.position_embeddings.weight"],
    ),
    ("masked-lm-13", 13, MaskedLanguageModel, {}, ["encoder.embeddings.word_embeddings.weight", "decoder.bias"]),
    ("masked-lm-17", 17, MaskedLanguageModel, {}, ["encoder.embeddings.word_embeddings.weight", "transform.weight"]),
    ("gpt-14", 14, Decoder, {}, ["wte.weight", "h.0.c_attn.weight", "h.1.c_out.bias"]),
]

RATE, STEPS = 0.1, 6


def batch(tokens_are_targets):
    """Four texts of 5 to 9 tokens, the last with two parts; padding behind."""
    n, length = 4, 9
    lengths = [9, 5, 7, 8]
    ids, mask, types = ([[0] * length for _ in range(n)] for _ in range(3))
    for i in range(n):
        for j in range(lengths[i]):
            ids[i][j] = 1 + (i * 17 + j * 11 + 5) % (VOCABULARY - 1)
            mask[i][j] = 1
            types[i][j] = int(i == 3 and j >= 4)
    target = [[(v * 3 + 1) % VOCABULARY for v in row] for row in ids] if tokens_are_targets else [i % CLASSES for i in range(n)]
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}, target


def loss_of(logits, target, mask):
    if logits.dim() == 2:
        return F.cross_entropy(logits, target)
    each = F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none").view(target.shape)
    return (each * mask).sum() / mask.sum()


def export(model, path, opset, inputs, names):
    logits = "logits"
    # The length of the example differs from that of the fixtures' batches, so that nothing of it may stay in the graph.
    short = tuple(t[:2, :6].clone() for t in inputs)
    axes = {name: {0: "batch", 1: "sequence"} for name in names}
    axes[logits] = {0: "batch", 1: "sequence"} if model(*short).dim() == 3 else {0: "batch"}
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(model, short, path, input_names=names, output_names=[logits], dynamic_axes=axes, opset_version=opset)


def expected(model, inputs, target, names):
    model = copy.deepcopy(model).double()
    mask = inputs[1].double()
    parameters = dict(model.named_parameters())
    losses, result = [], {}
    for step in range(STEPS):
        logits = model(*inputs)
        loss = loss_of(logits, target, mask)
        model.zero_grad()
        loss.backward()
        if step == 0:
            gradients = {name: {"shape": list(parameters[name].shape), "data": parameters[name].grad.flatten().tolist()} for name in names}
            result = {"logits": logits.detach().flatten().tolist(), "gradients": gradients}
        losses.append(loss.item())
        with torch.no_grad():
            for p in parameters.values():
                p -= RATE * p.grad
    return {**result, "losses": losses}


def rounded(x):
    if isinstance(x, float):
        return float(f"{x:.9g}")
    if isinstance(x, list):
        return [rounded(v) for v in x]
    return {k: rounded(v) for k, v in x.items()} if isinstance(x, dict) else x


def main():
    os.makedirs("test/fixtures/onnx", exist_ok=True)
    cases = []
    for seed, (name, opset, kind, options, watched) in enumerate(CASES):
        torch.manual_seed(seed)
        model = kind(**options).eval()
        with torch.no_grad():
            for key, p in model.named_parameters():
                if p.dim() == 1:
                    p.add_(torch.randn_like(p) * 0.1)
                elif "embedding" in key or key.startswith("wte") or key.startswith("wpe"):
                    p.mul_(0.5)
        feeds, target = batch(kind is not Classifier)
        names = list(feeds)[: 2 if kind is Decoder or options.get("types") is False else 3]
        inputs = tuple(torch.tensor(feeds[n]) for n in names)
        export(model, f"test/fixtures/onnx/{name}.onnx", opset, inputs, names)
        cases.append(
            {
                "file": f"{name}.onnx",
                "inputs": {n: feeds[n] for n in names},
                "target": target,
                "rate": RATE,
                **rounded(expected(model, inputs, torch.tensor(target), watched)),
            }
        )
    with open("test/fixtures/golden/transformers.json", "w") as f:
        json.dump({"cases": cases}, f)
        f.write("\n")


if __name__ == "__main__":
    main()
