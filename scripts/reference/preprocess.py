"""Golden cases of image preprocessing, made with PyTorch: python3 scripts/reference/preprocess.py

Writes test/fixtures/golden/preprocess.json.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.manual_seed(5)
rgb = torch.rand(3, 5, 4)
grey = torch.rand(1, 3, 3)
LUMA = torch.tensor([0.299, 0.587, 0.114])


def column(values):
    return torch.tensor(values).reshape(-1, 1, 1)


def resize(x, size, mode):
    extra = {} if mode == "nearest" else {"align_corners": False}
    return F.interpolate(x[None], size=size, mode=mode, **extra)[0]


def case(name, spec, view, out):
    return {
        "name": name,
        "spec": spec,
        "shape": list(view.shape),
        "view": view.flatten().tolist(),
        "outShape": list(out.shape),
        "out": out.flatten().tolist(),
    }


mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
caffe = [103.939, 116.779, 123.68]
cases = [
    case("mean and std a channel", {"mean": mean, "std": std}, rgb, (rgb - column(mean)) / column(std)),
    case("BGR bytes less a mean", {"channels": "bgr", "scale": 255, "mean": caffe}, rgb, rgb.flip(0) * 255 - column(caffe)),
    case("bytes, channels last", {"scale": 255, "layout": "nhwc"}, rgb, (rgb * 255).permute(1, 2, 0)),
    case("grey, flat", {"channels": "grey", "flatten": True}, rgb, (rgb * LUMA.reshape(3, 1, 1)).sum(0, keepdim=True).flatten()),
    case("grey three times", {"channels": "repeat", "mean": mean, "std": std}, grey, (grey.repeat(3, 1, 1) - column(mean)) / column(std)),
]
for mode in ["nearest", "bilinear"]:
    for height, width in [(8, 9), (3, 2), (5, 7), (1, 1)]:
        spec = {"resize": {"height": height, "width": width, "mode": mode}}
        cases.append(case(f"{mode} to {height}x{width}", spec, rgb, resize(rgb, (height, width), mode)))
cases.append(
    case(
        "everything",
        {"resize": {"height": 6, "width": 3, "mode": "bilinear"}, "channels": "bgr", "scale": 2, "mean": [1.0, 0.5, 0.25], "std": 0.5, "layout": "nhwc"},
        rgb,
        ((resize(rgb, (6, 3), "bilinear").flip(0) * 2 - column([1.0, 0.5, 0.25])) / 0.5).permute(1, 2, 0),
    )
)
target = Path(__file__).resolve().parents[2] / "test/fixtures/golden/preprocess.json"
rounded = json.loads(json.dumps(cases), parse_float=lambda s: round(float(s), 7))
target.write_text(json.dumps({"torch": torch.__version__, "cases": rounded}) + "\n")
