"""Which short-lived containers are left over, and which are another command's that is at it now."""

import os
import subprocess
import sys

import pytest

from lab.system.engine import STRAY_ROLES
from lab.system.home import ROLE_LABEL
from lab.system.owner import OWNER_LABEL, is_gone, us
from tests.unit.engines import Box, Boxes, engine_of

NAME_OURSELVES = "from lab.system.owner import us; print(us(), flush=True); input()"


def of(owner: str, role: str = "sidecar") -> Box:
    return Box(labels={ROLE_LABEL: role, OWNER_LABEL: owner}, status="running")


@pytest.mark.parametrize("role", STRAY_ROLES)
def test_what_a_killed_command_left_is_taken_away_and_what_one_at_work_has_is_not(role: str) -> None:
    argv = [sys.executable, "-c", NAME_OURSELVES]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = of(other.stdout.readline().strip(), role)
        boxes = Boxes(theirs, of("", role), Box(labels={ROLE_LABEL: role}))
        engine_of(boxes).remove_strays()
        assert boxes.all == [theirs]
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # nobody has heard of its end yet
        engine_of(boxes).remove_strays()
        assert boxes.all == []


def test_a_container_carries_the_name_of_its_command() -> None:
    boxes = Boxes(answers=lambda box: (0, box.labels[OWNER_LABEL]))
    assert engine_of(boxes).throw_away(["true"]) == (0, us())
    assert boxes.all == []


def test_a_later_process_of_that_number_is_another() -> None:
    number = us().partition("@")[0]
    assert not is_gone(us())
    assert is_gone(f"{number}@1")
    assert is_gone("nonsense")
