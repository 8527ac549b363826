"""WHAT THE TESTER IMAGE RUNS, with errors, units, model, dicom and link: nothing else of ours.

Never imports click, docker or a template engine. Each module that is a program says so and speaks
JSON lines on stdout.

The tester image has no numpy. Where a program of this folder runs on a machine that has, it goes without
too, for pydicom would import it: a seventh of the start, and 12 MB of each process.
"""

import sys

_IS_PROGRAM = sys.argv[:1] == ["-m"]  # while Python looks for the module that it was given

if _IS_PROGRAM:
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]
