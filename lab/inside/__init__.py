"""WHAT THE TESTER IMAGE RUNS, with errors, units, model, dicom and link: nothing else of ours.

Never imports click, docker or a template engine. Each module that is a program says so and speaks
JSON lines on stdout.
"""
