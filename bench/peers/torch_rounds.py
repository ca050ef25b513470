"""`python3 torch_rounds.py WORKLOAD THREADS LAYOUT`: one round of distillation without data in PyTorch (eager, CPU).

The same work as ours: some steps of a generator towards disagreement, then some of the student on what it makes, as in Micaelli &
Storkey 2019. Answers the lines `run N` and `memory` with one line of JSON each.
"""
from torch_step import LAYOUTS, OPTIMIZERS, Training, main

import torch
import torch.nn.functional as F
from torch import nn

MAPS = {"full": (6, 16), "half": (3, 8)}


class LeNet5(nn.Module):
    def __init__(self, work, network):
        super().__init__()
        first, second = MAPS[network["size"]]
        self.conv1, self.conv2 = nn.Conv2d(work["input"][0], first, 5, padding=2), nn.Conv2d(first, second, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(25 * second, 120), nn.Linear(120, 84), nn.Linear(84, work["classes"])

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2).flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class Generator(nn.Module):
    def __init__(self, work, latent, channels):
        super().__init__()
        self.latent, self.size = latent, work["input"][1] // 4
        self.start = nn.Linear(latent, 2 * channels * self.size**2)
        self.layers = nn.Sequential(
            nn.Unflatten(1, (2 * channels, self.size, self.size)),
            nn.BatchNorm2d(2 * channels),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(2 * channels, 2 * channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(2 * channels),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(2 * channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(channels, work["input"][0], 3, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, count):
        return self.layers(self.start(torch.randn(count, self.latent)))


class Rounds(Training):
    """A step is a round."""

    def __init__(self, work):
        self.work, self.rounds = work, work["rounds"]
        self.teacher, self.student = LeNet5(work, work["teacher"]).eval(), LeNet5(work, work["student"])
        self.generator = Generator(work, **self.rounds["generator"])
        for p in self.teacher.parameters():
            p.requires_grad_(False)
        self.optimizer, self.makers = (
            OPTIMIZERS[work["optimizer"]["kind"]](net.parameters(), work["optimizer"]) for net in (self.student, self.generator)
        )
        self.use("contiguous")

    def use(self, layout):
        self.layout = layout
        for net in (self.teacher, self.student, self.generator):
            net.to(memory_format=LAYOUTS[layout])

    def parameters(self):
        return [*self.student.parameters(), *self.generator.parameters()]

    def divergence(self, x):
        t = self.work["temperature"]
        soft = F.log_softmax(self.teacher(x) / t, dim=1)
        return F.kl_div(F.log_softmax(self.student(x) / t, dim=1), soft, reduction="batchmean", log_target=True) * (t * t)

    def step(self):
        for _ in range(self.rounds["generatorSteps"]):
            weights = list(self.generator.parameters())
            # For the generator alone: nothing is spent on gradients of the student's weights.
            gradients = torch.autograd.grad(-self.divergence(self.generator(self.work["batch"])), weights)
            for p, g in zip(weights, gradients):
                p.grad = g
            self.makers.step()
        for _ in range(self.rounds["studentSteps"]):
            with torch.no_grad():
                x = self.generator(self.work["batch"])
            loss = self.divergence(x)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
        return loss.item()


if __name__ == "__main__":
    main(Rounds)
