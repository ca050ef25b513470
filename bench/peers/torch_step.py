"""`python3 torch_step.py WORKLOAD THREADS LAYOUT`: one distillation step of a workload in PyTorch (eager, CPU).

The same work as ours: batches from examples in memory, the forward pass of a frozen teacher, KD and cross-entropy, an
optimizer. Answers the lines `run N` and `memory` with one line of JSON each.
"""
import json
import resource
import sys
import time


def say(**values):
    print(json.dumps(values), flush=True)


try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError as error:
    say(missing=str(error))
    sys.exit(1)


def mlp(work, network):
    sizes = [work["input"][0] * work["input"][1] * work["input"][2], *network["hidden"], work["classes"]]
    layers = [nn.Flatten()]
    for before, after in zip(sizes, sizes[1:]):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.shortcut = nn.Sequential()
        if stride != 1 or before != after:
            self.shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


def resnet(work, network):
    layers = [nn.Conv2d(work["input"][0], 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    before = 16
    for stage, after in enumerate((16, 32, 64)):
        for i in range((network["depth"] - 2) // 6):
            layers.append(Block(before, after, 2 if stage and i == 0 else 1))
            before = after
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, work["classes"]))


def encoder(width, heads, dropout):
    """One layer of BERT, with PyTorch's fused path in evaluation; dropout of what each part gives, and of nothing inside of it."""
    layer = nn.TransformerEncoderLayer(width, heads, 4 * width, dropout, "gelu", 1e-12, batch_first=True)
    layer.self_attn.dropout = 0.0
    layer.dropout.p = 0.0
    return layer


class Bert(nn.Module):
    """All texts have the full length and are single ones: there is nothing to mask."""

    def __init__(self, work, network):
        super().__init__()
        width, length = network["width"], work["input"][1]
        self.words = nn.Embedding(work["vocabulary"], width)
        self.positions = nn.Parameter(torch.randn(length, width) * 0.02)
        self.types = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, 1e-12)
        self.layers = nn.Sequential(*(encoder(width, network["heads"], network["dropout"]) for _ in range(network["layers"])))
        self.pooler = nn.Linear(width, width) if network["pooling"] == "pooler" else None
        self.classifier = nn.Linear(width, work["classes"])
        self.drop = nn.Dropout(network["dropout"])

    def forward(self, x):
        ids, types = x
        h = self.layers(self.drop(self.norm(self.words(ids) + self.positions + self.types(types))))
        pooled = torch.tanh(self.pooler(h[:, 0])) if self.pooler else h.mean(1)
        return self.classifier(self.drop(pooled))


NETWORKS = {"mlp": mlp, "resnet": resnet, "bert": Bert}
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


class Pictures:
    def __init__(self, work):
        self.bytes = torch.randint(0, 256, (work["examples"], *work["input"]), dtype=torch.uint8)

    def batch(self, rows, layout):
        return self.bytes[rows].float().mul_(1 / 255).contiguous(memory_format=LAYOUTS[layout])


class Texts:
    def __init__(self, work):
        shape = (work["examples"], work["input"][1])
        self.ids = torch.randint(0, work["vocabulary"], shape)
        self.types = torch.zeros(shape, dtype=torch.int64)

    def batch(self, rows, _):
        return self.ids[rows], self.types[rows]


DATA = {"pictures": Pictures, "texts": Texts}


def sgd(parameters, options):
    return torch.optim.SGD(parameters, lr=options["learningRate"], momentum=options["momentum"])


def adam(parameters, options):
    return torch.optim.Adam(parameters, lr=options["learningRate"])


OPTIMIZERS = {"sgd": sgd, "adam": adam}


class Training:
    def __init__(self, work):
        self.work = work
        self.teacher = NETWORKS[work["teacher"]["kind"]](work, work["teacher"]).eval()
        self.student = NETWORKS[work["student"]["kind"]](work, work["student"])
        for p in self.teacher.parameters():
            p.requires_grad_(False)
        self.optimizer = OPTIMIZERS[work["optimizer"]["kind"]](self.student.parameters(), work["optimizer"])
        self.data = DATA[work["data"]](work)
        self.labels = torch.arange(work["examples"]) % work["classes"]
        self.order = torch.randperm(work["examples"])
        self.at = 0
        self.use("contiguous")

    def parameters(self):
        return self.student.parameters()

    def use(self, layout):
        self.layout = layout
        self.teacher.to(memory_format=LAYOUTS[layout])
        self.student.to(memory_format=LAYOUTS[layout])

    def batch(self):
        size = self.work["batch"]
        if self.at + size > len(self.order):
            self.order, self.at = torch.randperm(len(self.order)), 0
        rows = self.order[self.at : self.at + size]
        self.at += size
        return self.data.batch(rows, self.layout), self.labels[rows]

    def step(self):
        x, labels = self.batch()
        t = self.work["temperature"]
        with torch.no_grad():
            soft = F.softmax(self.teacher(x) / t, dim=1)
        logits = self.student(x)
        kd = F.kl_div(F.log_softmax(logits / t, dim=1), soft, reduction="batchmean") * (t * t)
        loss = self.work["soft"] * kd + self.work["hard"] * F.cross_entropy(logits, labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def run(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            loss = self.step()
        return {"steps": steps, "milliseconds": (time.perf_counter() - start) * 1e3, "loss": loss}

    def use_fastest(self, tries=3):
        """Which memory layout is faster differs between machines; the peer is shown at its best."""
        taken = {}
        for layout in LAYOUTS:
            self.use(layout)
            self.run(1)
            taken[layout] = min(self.run(1)["milliseconds"] for _ in range(tries))
        self.use(min(taken, key=taken.get))


def blas():
    """The libraries of linear algebra in use, by the files that this process has mapped."""
    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split()[-1] for line in maps if "blas" in line or "libmkl" in line}
    except OSError:
        return "unknown"
    kinds = {"openblas-pthread": "OpenBLAS on pthreads", "openblas-openmp": "OpenBLAS on OpenMP", "openblas-serial": "OpenBLAS, serial"}
    found = {name for path in paths for part, name in kinds.items() if part in path}
    return ", ".join(sorted(found)) or ("another BLAS" if paths else "built in")


def main(kind):
    work, threads, layout = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    training = kind(work)
    library = blas()
    if "pthreads" in library or "serial" in library:
        say(missing=f"PyTorch {torch.__version__} runs on {library}, which cripples it: a comparison would flatter us")
        return
    if layout == "fastest" and work["student"]["kind"] in ("resnet", "lenet5"):
        training.use_fastest()
    say(
        version=f"PyTorch {torch.__version__}",
        parameters=sum(p.numel() for p in training.parameters()),
        detail=f"{library}, {torch.get_num_threads()} threads, {training.layout}",
    )
    for line in sys.stdin:
        word, *count = line.split()
        if word == "run":
            say(**training.run(int(count[0])))
        else:
            say(peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


if __name__ == "__main__":
    main(Training)
