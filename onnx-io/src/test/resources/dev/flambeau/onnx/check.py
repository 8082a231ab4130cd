"""Judges models by onnx.checker: check.py LIST ANSWERS, for each 'ok', 'bad', 'newer' or 'crash'."""
import os
import sys

import onnx
import onnx.checker


def judge(path):
    try:
        onnx.checker.check_model(path, full_check=True)
        return "ok"
    except Exception as error:  # of several kinds
        return "bad " + " ".join(str(error).split())[:300]


def newest(path):
    """Whether this onnx knows the operator sets of a model."""
    model = onnx.load(path, load_external_data=False)
    known = {"": onnx.defs.onnx_opset_version(), "ai.onnx.ml": 3, "ai.onnx.preview.training": 1}
    imports = [(o.domain, o.version) for o in model.opset_import]
    functions = [(o.domain, o.version) for f in model.functions for o in f.opset_import]
    new = any(known.get(domain, 99) < version for domain, version in imports + functions)
    return not new and model.ir_version <= onnx.IR_VERSION


def verdict(path):
    try:
        known = newest(path)
    except Exception:
        known = True
    return judge(path) if known else "newer"


if __name__ == "__main__":
    with open(sys.argv[1]) as files, open(sys.argv[2], "w") as answers:
        for path in files.read().split("\n"):
            if path:
                # In a process of its own: some models crash it.
                inward, outward = os.pipe()
                child = os.fork()
                if child == 0:
                    os.write(outward, verdict(path).encode())
                    os._exit(0)
                os.close(outward)
                with os.fdopen(inward, "rb") as answer:
                    said = answer.read().decode()
                os.waitpid(child, 0)
                answers.write((said or "crash") + "\t" + path + "\n")
