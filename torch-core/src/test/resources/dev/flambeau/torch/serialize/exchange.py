"""PyTorch's half of ExchangeTest: writes checkpoints, or checks those written by Flambeau."""
import sys
from collections import OrderedDict

import torch

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32,
          torch.int16, torch.int8, torch.uint8, torch.bool]


def content():
    torch.manual_seed(3)
    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        net(torch.randn(5, 4)).square().sum().backward()
        optimizer.step()
    base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
    tensors = OrderedDict((str(d)[6:], torch.arange(6).reshape(2, 3).to(d)) for d in DTYPES)
    return {"epoch": 7, "loss": 0.25, "name": "h\u00e9", "nothing": None, "done": True,
            "big": 2 ** 70, "pair": (1, "two"), "nested": {"list": [1, [2, {"three": 3}]]},
            "size": torch.Size([2, 5]), "dtype": torch.bfloat16, "set": {1, 2},
            "net": net.state_dict(), "optimizer": optimizer.state_dict(), "tensors": tensors,
            "base": base, "column": base[:, 1], "flipped": base.t(),
            "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3),
            "parameter": torch.nn.Parameter(torch.ones(2))}


def check(path):
    # The restricted reader of 1.13 knows no floating point numbers.
    got = torch.load(path, weights_only=int(torch.__version__.split(".")[0]) >= 2)
    want = content()
    for name in ["epoch", "loss", "name", "nothing", "done", "big", "nested", "size", "dtype"]:
        assert got[name] == want[name], name
    for name, value in want["tensors"].items():
        assert got["tensors"][name].dtype == value.dtype, name
        assert torch.equal(got["tensors"][name], value), name
    for name in ["base", "column", "flipped", "scalar", "empty"]:
        assert torch.equal(got[name], want[name]), name
    assert got["base"].data_ptr() == got["flipped"].data_ptr()
    assert got["base"].data_ptr() + 4 == got["column"].data_ptr()
    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.5)
    net.load_state_dict(got["net"])
    optimizer.load_state_dict(got["optimizer"])
    for name, value in want["net"].items():
        assert torch.equal(net.state_dict()[name], value), name
    state, wanted = optimizer.state_dict(), want["optimizer"]
    assert state["param_groups"][0]["lr"] == 0.01
    for number, entry in wanted["state"].items():
        for name, value in entry.items():
            assert torch.allclose(state["state"][number][name], value), name
    net(torch.randn(5, 4)).sum().backward()
    optimizer.step()


if sys.argv[1] == "write":
    torch.save(content(), sys.argv[2])
    torch.save(content(), sys.argv[3], _use_new_zipfile_serialization=False)
else:
    check(sys.argv[2])
