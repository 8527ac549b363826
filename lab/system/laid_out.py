"""JSON that is compact and can be compared line by line: a line per field, a list of numbers on one."""

from typing import Any

import msgspec


def laid_out(value: Any) -> str:
    """Of plain values and dataclasses. What is no UTF-8, as a file name in a message may be, becomes "?"."""
    return _laid_out(msgspec.to_builtins(value), "\n") + "\n"


def _laid_out(value: Any, margin: str) -> str:
    deeper = margin + " "
    if isinstance(value, dict) and value:
        fields = (f"{_one_line(name)}: {_laid_out(inner, deeper)}" for name, inner in value.items())
        return f"{{{deeper}{f',{deeper}'.join(fields)}{margin}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict | list):
        return f"[{deeper}{f',{deeper}'.join(_laid_out(inner, deeper) for inner in value)}{margin}]"
    return _one_line(value)


def _one_line(value: Any) -> str:
    if isinstance(value, str):
        value = value.encode(errors="replace").decode()
    return msgspec.json.encode(value).decode()
