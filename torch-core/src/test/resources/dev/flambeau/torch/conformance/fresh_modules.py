"""Builds the modules of recorded cases with PyTorch after a seed, and runs its initializers.

fresh_modules.py MODULES INITIALIZERS OUTPUT; the output has the format of the cases: repr and
state of each new module, the tensor of each initializer.
"""
import collections
import glob
import json
import os
import struct
import sys
import warnings

import torch

DTYPES = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64,
          "I32": torch.int32, "BOOL": torch.bool}
NAMES = {v: k for k, v in DTYPES.items()}


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    return header, data[8 + size:]


class Decoder:
    def __init__(self, header, data):
        self.header, self.data = header, data

    def tensor(self, name):
        entry = self.header[name]
        begin, end = entry["data_offsets"]
        if begin == end:
            return torch.empty(entry["shape"], dtype=DTYPES[entry["dtype"]])
        raw = bytearray(self.data[begin:end])
        return torch.frombuffer(raw, dtype=DTYPES[entry["dtype"]]).reshape(entry["shape"]).clone()

    def value(self, v):
        if not isinstance(v, dict):
            return v
        kind, inner = next(iter(v.items()))
        if kind == "tensor":
            return self.tensor(inner)
        if kind == "parameter":
            return torch.nn.Parameter(self.value(inner))
        if kind == "float":
            return float(inner)
        if kind == "list":
            return [self.value(x) for x in inner]
        if kind in ("tuple", "size"):
            items = tuple(self.value(x) if kind == "tuple" else x for x in inner)
            return torch.Size(items) if kind == "size" else items
        if kind == "dict":
            return {k: self.value(x) for k, x in inner.items()}
        if kind == "ordered_dict":
            return collections.OrderedDict((k, self.value(x)) for k, x in inner)
        if kind == "module":
            return self.module(inner["class"], inner["args"], inner["kwargs"])
        if kind == "function":
            return getattr(torch.nn.functional, inner)
        if kind == "dtype":
            return DTYPES[inner]
        return inner

    def module(self, name, args, kwargs):
        return getattr(torch.nn, name)(*[self.value(a) for a in args],
                                       **{k: self.value(a) for k, a in kwargs.items()})


class Answers:
    def __init__(self):
        self.cases, self.tensors, self.blobs, self.offset = [], {}, [], 0

    def store(self, name, t):
        raw = bytes(t.detach().contiguous().numpy().tobytes())
        self.tensors[name] = {"dtype": NAMES[t.dtype], "shape": list(t.shape),
                              "data_offsets": [self.offset, self.offset + len(raw)]}
        self.blobs.append(raw)
        self.offset += len(raw)
        return {"tensor": name}

    def write(self, path):
        meta = json.dumps({"kind": "fresh", "cases": self.cases})
        header = json.dumps({"__metadata__": {"cases": meta}, **self.tensors}).encode()
        with open(path, "wb") as f:
            f.write(struct.pack("<Q", len(header)) + header + b"".join(self.blobs))


def modules(path, answers):
    header, data = read(path)
    recorded = json.loads(header["__metadata__"]["cases"])
    if recorded["class"] == "CrossMapLRN2d":
        return  # not in torch.nn by this name
    decoder = Decoder(header, data)
    uninitialized = (torch.nn.parameter.UninitializedParameter,
                     torch.nn.parameter.UninitializedBuffer)
    for case in recorded["cases"]:
        if case["dtype"] != "F32":
            continue
        torch.manual_seed(3)
        module = decoder.module(case["class"], case["init_args"], case["init_kwargs"])
        state = [[key, answers.store("%s.%s.%s" % (case["class"], case["id"], key), t)]
                 for key, t in module.state_dict().items() if not isinstance(t, uninitialized)]
        answers.cases.append({"id": case["id"], "class": case["class"],
                              "repr": repr(module), "state": state})


def initializers(path, answers):
    recorded = json.loads(read(path)[0]["__metadata__"]["cases"])
    name = recorded["function"]
    for case in recorded["cases"]:
        if "expect" in case:
            torch.manual_seed(3)
            t = torch.empty(case["shape"])
            getattr(torch.nn.init, name)(t, **case["kwargs"])
            stored = answers.store("%s.%s" % (name, case["id"]), t)
            answers.cases.append({"id": case["id"], "function": name, "state": [["", stored]]})


def main(module_folder, init_folder, output):
    warnings.simplefilter("ignore")
    answers = Answers()
    for path in sorted(glob.glob(os.path.join(module_folder, "*.safetensors"))):
        modules(path, answers)
    for path in sorted(glob.glob(os.path.join(init_folder, "*.safetensors"))):
        initializers(path, answers)
    answers.write(output)


main(*sys.argv[1:])
