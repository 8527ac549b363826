"""Dataclasses out of JSON, by several threads: hosts are read at once."""

import subprocess
import sys

AT_ONCE = """
import dataclasses, sys, threading
from lab.model.plain import from_json, from_plain, to_json

sys.setswitchinterval(1e-6)

def new_kind():
    inner = dataclasses.make_dataclass("Inner", [(f"a{i}", int) for i in range(20)])
    return inner, dataclasses.make_dataclass("Outer", [(f"b{i}", inner) for i in range(10)])

def read(barrier, kind, noun):
    barrier.wait()
    assert from_json(kind, to_json(noun)) == from_plain(kind, dataclasses.asdict(noun)) == noun

for _ in range(60):
    inner, outer = new_kind()
    noun = outer(*[inner(*range(20)) for _ in range(10)])
    barrier = threading.Barrier(4)
    threads = [threading.Thread(target=read, args=(barrier, outer, noun)) for _ in range(4)]
    for one in threads: one.start()
    for one in threads: one.join()
print("read")
"""


def test_a_kind_is_read_by_several_threads_that_never_read_it_before() -> None:
    ended = subprocess.run([sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "read\n", "")
