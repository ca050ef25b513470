"""Networks in training and evaluation: python3 scripts/reference/models.py > test/fixtures/golden/models.json

PyTorch in float64. Weights, pictures and cotangents come from integer arithmetic that any language repeats, so that only results are
kept. Each network takes three steps of SGD with momentum (loss: the sum of logits times given numbers, over the batch size), then
evaluates.
"""

import json
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def numbers(seed, shape):
    """Numbers in ±0.5."""
    size = math.prod(shape)
    return torch.tensor([((i * 7919 + seed * 104729 + 13) % 1009) / 1009 - 0.5 for i in range(size)]).reshape(shape)


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 3, 5, padding=2), nn.Conv2d(3, 8, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(200, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class Block(nn.Module):
    def __init__(self, before, after, stride, shortcut):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after)
        self.conv2, self.bn2 = nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after)
        self.same = stride == 1 and before == after
        if not self.same and shortcut == "projection":
            self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.same:
            return F.relu(y + x)
        if hasattr(self, "downsample"):
            return F.relu(y + self.downsample(x))
        missing = y.shape[1] - x.shape[1]
        return F.relu(y + F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, missing // 2, missing - missing // 2)))


class ResNet(nn.Module):
    def __init__(self, depth, width, shortcut, classes):
        super().__init__()
        maps = [round(16 * width), round(32 * width), round(64 * width)]
        self.conv1, self.bn1 = nn.Conv2d(3, maps[0], 3, 1, 1, bias=False), nn.BatchNorm2d(maps[0])
        before = maps[0]
        for stage, after in enumerate(maps):
            blocks = []
            for i in range((depth - 2) // 6):
                blocks.append(Block(before, after, 2 if stage > 0 and i == 0 else 1, shortcut))
                before = after
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(before, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.fc(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


class Separable(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.depthwise, self.bn1 = nn.Conv2d(before, before, 3, stride, 1, groups=before, bias=False), nn.BatchNorm2d(before)
        self.pointwise, self.bn2 = nn.Conv2d(before, after, 1, bias=False), nn.BatchNorm2d(after)

    def forward(self, x):
        return F.relu(self.bn2(self.pointwise(F.relu(self.bn1(self.depthwise(x))))))


class MobileNet(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        maps = lambda n: max(8, round(n * width / 8) * 8)
        self.stem = nn.ModuleDict({"conv": nn.Conv2d(3, maps(32), 3, 1, 1, bias=False), "bn": nn.BatchNorm2d(maps(32))})
        plan, before, blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)], maps(32), []
        for after, stride in plan:
            blocks.append(Separable(before, maps(after), stride))
            before = maps(after)
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(before, classes)

    def forward(self, x):
        return self.fc(self.blocks(F.relu(self.stem["bn"](self.stem["conv"](x)))).mean((2, 3)))


def fill(net):
    """Weights by their position in the network; ours of linear layers are [in, out]."""
    for k, (name, p) in enumerate(net.named_parameters()):
        if p.dim() == 1:
            p.data = numbers(k, p.shape) * 0.4 + (1 if name.endswith("weight") else 0)
        else:
            shape = p.shape if p.dim() == 4 else p.shape[::-1]
            fan = p.numel() // p.shape[0]
            made = numbers(k, shape) * math.sqrt(24 / fan)
            p.data = made if p.dim() == 4 else made.T.contiguous()


def summary(t):
    """Enough of a tensor to tell it from any other: size, and products with fixed numbers."""
    flat = (t.T if t.dim() == 2 else t).flatten()
    return [flat.norm().item(), (flat * numbers(7, flat.shape)).sum().item()]


def case(options, net, batch, picture, classes):
    fill(net)
    names = [name for name, _ in net.named_parameters()]
    optimizer = torch.optim.SGD(net.parameters(), 0.02, momentum=0.9)
    net.train()
    logits, gradients = [], None
    for step in range(3):
        y = net(numbers(100 + step, [batch, *picture]) * 4)
        logits.append(y.detach().flatten().tolist())
        optimizer.zero_grad()
        ((y * numbers(200 + step, y.shape)).sum() / batch).backward()
        gradients = gradients or {name: summary(p.grad) for name, p in net.named_parameters()}
        optimizer.step()
    net.eval()
    buffers = {name: b.tolist() for name, b in net.named_buffers() if "running" in name}
    return {
        "options": options,
        "batch": batch,
        "picture": picture,
        "classes": classes,
        "parameters": names,
        "training": logits,
        "gradients": gradients,
        "weights": {name: summary(p.data) for name, p in net.named_parameters()},
        "buffers": {name: b for name, b in buffers.items() if len(b) <= 16},
        "evaluation": net(numbers(300, [batch, *picture]) * 4).flatten().tolist(),
    }


cases = [
    case({"kind": "lenet5", "size": "half"}, LeNet5(), 4, [1, 28, 28], 10),
    case({"kind": "resnet", "depth": 8, "width": 0.25}, ResNet(8, 0.25, "projection", 5), 4, [3, 12, 12], 5),
    case(
        {"kind": "resnet", "depth": 14, "width": 0.25, "shortcut": "pad"}, ResNet(14, 0.25, "pad", 5), 4, [3, 12, 12], 5
    ),
    case({"kind": "mobilenet", "width": 0.25}, MobileNet(0.25, 5), 4, [3, 16, 16], 5),
]
print(json.dumps({"torch": torch.__version__, "cases": cases}))
