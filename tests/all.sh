#!/bin/sh
# All tests, for `make test`: unit tests while images are built, then those that hold times against a claim, alone on
# the machine, then all others. Exit code 0 when all of it passed.
set -u

bin=.venv/bin
pytest="$bin/pytest --durations=15"
two="--numprocesses 2 --dist loadfile --no-loadscope-reorder"
of_tests="$bin/lab --project dicom-lab-tests" # its images are what those of each test's own project are made from
built=$(mktemp)
code=0

leave() {
    $of_tests images remove >/dev/null 2>&1
    rm -f "$built"
}
trap leave EXIT
trap 'exit 130' INT TERM

# In the background, yet to heed Ctrl-C as what runs in front does.
env --default-signal=INT $of_tests images build >"$built" 2>&1 &
$pytest $two tests/unit || code=$?
wait $! # without images, the tests that need some say so
cat "$built"

$pytest -m alone tests/loopback tests/stack || code=$?
$pytest tests/netem || code=$?
$pytest -m "not alone" $two tests/loopback tests/stack tests/browser || code=$?
exit $code
