"""Cases and gates as JUnit XML, which CI systems show as tests."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from lab.model.gating import GateVerdict
from lab.report.cases import doubts, labels, of_measure
from lab.statistics.results import CaseResult

# XML 1.0 2.2: what is no Char cannot be in a document, not even as a reference.
_NO_CHAR = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Sequence[CaseResult], gates: Sequence[GateVerdict] = ()) -> str:
    """A test per case, which fails when the case did, and one per gate, which fails when it is not met.

    A test's time is the case's median duration. Doubts are in its system-out: they fail nothing. A gate that
    could not be measured fails too, for it was not met.
    """
    suite = ET.Element("testsuite", name="lab report")
    classes = {}
    for label, result in zip(labels(results), results, strict=True):
        classes[label] = f"{result.key.study}.{result.key.method}"
        suite.append(_case(classes[label], label, result))
    suite.extend(_gate(classes.get(gate.case, "gates"), gate) for gate in gates)
    _count(suite, results)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(class_name: str, label: str, result: CaseResult) -> ET.Element:
    duration = of_measure(result, "duration")
    found = _test(class_name, label, duration.median if duration else 0.0)
    if result.failure:
        _add(found, "failure", result.failure.message, f"Remedy: {result.failure.remedy}")
    if said := [f"doubt: {one.text}. Remedy: {one.remedy}" for one in doubts(result)]:
        ET.SubElement(found, "system-out").text = _chars("\n".join(said))
    return found


def _gate(class_name: str, gate: GateVerdict) -> ET.Element:
    found = _test(class_name, f"{gate.case}: {gate.gate.text}" if gate.case else gate.gate.text, 0.0)
    if not gate.passed:
        _add(found, "failure", gate.text, f"{gate.runs} runs")
    return found


def _test(class_name: str, name: str, time_s: float) -> ET.Element:
    return ET.Element("testcase", classname=_chars(class_name), name=_chars(name), time=f"{time_s:.6f}")


def _add(test: ET.Element, kind: str, message: str, text: str) -> None:
    ET.SubElement(test, kind, message=_chars(message), type=kind).text = _chars(text)


def _count(suite: ET.Element, results: Sequence[CaseResult]) -> None:
    tests = suite.findall("testcase")
    suite.set("tests", str(len(tests)))
    suite.set("failures", str(sum(test.find("failure") is not None for test in tests)))
    suite.set("errors", "0")
    suite.set("skipped", str(sum(test.find("skipped") is not None for test in tests)))
    suite.set("time", f"{sum(float(test.get('time', 0)) for test in tests):.6f}")
    if started := [run.started for result in results for run in result.runs]:
        suite.set("timestamp", _chars(min(started)))


def _chars(text: str) -> str:
    return _NO_CHAR.sub("?", text)
