"""What a dry run prints."""

import pytest

from lab.cli.net.commands import print_commands
from lab.link.commands import shaper_order, shaping_argvs
from lab.link.schedule import schedule_of
from lab.system import store
from tests.unit.test_read_back import PLAIN


@pytest.mark.parametrize(("shaper", "routes"), [("tun", 3), ("netem", 0)])
def test_the_routes_that_an_emulator_sets_are_printed_as_what_it_runs(
    capsys: pytest.CaptureFixture[str], shaper: str, routes: int
) -> None:
    schedule = schedule_of(store.profile("wan-20ms"), "down", seed=1)
    order = shaper_order(PLAIN, schedule, "cubic", epoch_s=0.0, until_s=None)
    print_commands({"orthanc": shaping_argvs(PLAIN, order, shaper)})
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "# in the network namespace of orthanc"
    taking_over = [line for line in said if line.startswith("# the emulator runs: ip route")]
    assert len(taking_over) == routes
    assert all("172.18.0.0/16" in line for line in taking_over)
