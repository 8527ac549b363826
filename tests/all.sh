#!/bin/sh
# All tests, for `make test`: those that hold times against a claim first and alone, the guests of tests/netem with
# what needs no engine beside them, then the stack's. Exit code 0 when all of it passed.
set -u

bin=.venv/bin
pytest="$bin/pytest --durations=15"
two="--numprocesses 2 --dist loadfile --no-loadscope-reorder"
of_tests="$bin/lab --project dicom-lab-tests" # its images are what those of each test's own project are made from
beside=$(mktemp)
code=0

leave() {
    $of_tests images remove >/dev/null 2>&1
    rm -f "$beside"
}
trap leave EXIT
trap 'exit 130' INT TERM

$of_tests images build
$pytest -m alone tests/loopback tests/stack || code=$?

# Guests sleep most of the time. What runs beside them gets a CPU only where they leave one idle, is to heed Ctrl-C
# as what runs in front does, and is shown when it has ended.
(env --default-signal=INT chrt --idle 0 $pytest -m "not alone" $two tests/loopback tests/browser tests/unit >"$beside" 2>&1) &
$pytest tests/netem || code=$?
wait $! || code=$?
cat "$beside"

$pytest -m "not alone" $two tests/stack || code=$?
exit $code
