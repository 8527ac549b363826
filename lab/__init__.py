"""A DICOM transfer-performance lab: the controller, the instrument and the reports.

The rooms, what each holds and which may import which, are drawn in README.md and held by
tests/unit/test_architecture.py.
"""
