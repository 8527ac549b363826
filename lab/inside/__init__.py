"""WHAT THE TESTER IMAGE RUNS, with errors, units, model, dicom and link: nothing else of ours.

Never imports click, docker or a template engine. Each module that is a program says so and speaks
JSON lines on stdout.

The tester image has neither numpy nor requests. Where a program of this folder runs on a machine that has, it
goes without too, for pydicom would import them: four tenths of the start, and 12 MB of each process.
"""

import sys

_NOT_IN_THE_TESTER = ("numpy", "requests", "tqdm")
_IS_PROGRAM = sys.argv[:1] == ["-m"]  # while Python looks for the module that it was given

if _IS_PROGRAM:
    for _name in _NOT_IN_THE_TESTER:
        sys.modules.setdefault(_name, None)  # type: ignore[arg-type]
