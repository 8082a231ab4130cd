"""Writes the operators' schemas that this Python's onnx has, one a line: schemas.py FILE."""
import sys

from onnx import defs

OPTION = defs.OpSchema.FormalParameterOption
PRESENCE = {OPTION.Single: "ONCE", OPTION.Optional: "OPTIONAL", OPTION.Variadic: "VARIADIC"}


def plain(type_text):
    """tensor(float) as float, seq(tensor(float)) as seq(float)."""
    while "tensor(" in type_text:
        start = type_text.index("tensor(")
        end = type_text.index(")", start)
        type_text = type_text[:start] + type_text[start + 7 : end] + type_text[end + 1 :]
    return type_text.replace(" ", "")


def parameters(all_parameters):
    for p in all_parameters:
        alike = p.option != OPTION.Variadic or p.isHomogeneous
        yield f"{p.name}:{PRESENCE[p.option]}:{str(alike).lower()}:{plain(p.typeStr)}"


def line(schema):
    if schema.deprecated:
        return [schema.domain, schema.name, schema.since_version, "deprecated"]
    attributes = sorted(
        f"{a.name}:{str(a.type).split('.')[-1]}:{str(a.required).lower()}"
        for a in schema.attributes.values()
    )
    types = sorted(
        f"{c.type_param_str}:" + ",".join(sorted(plain(t) for t in c.allowed_type_strs))
        for c in schema.type_constraints
    )
    counts = [schema.min_input, schema.max_input, schema.min_output, schema.max_output]
    return [
        schema.domain,
        schema.name,
        schema.since_version,
        " ".join(parameters(schema.inputs)),
        " ".join(parameters(schema.outputs)),
        " ".join(attributes),
        " ".join(types),
        " ".join(str(c) for c in counts),
    ]


if __name__ == "__main__":
    with open(sys.argv[1], "w") as out:
        for each in defs.get_all_schemas_with_history():
            out.write("|".join(str(part) for part in line(each)) + "\n")
