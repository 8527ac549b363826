"""Runs inside the guest: one C-MOVE over a shaped wire. Prints the outcome as JSON."""

from lab.model.plain import to_json
from lab.system import store
from tests.netem import wire
from tests.netem.timed_move import timed_move

PROFILE = "wan-20ms"
DATASET_BYTES = [160_000] * 48


def main() -> None:
    wire.lay()
    wire.shape(store.profile(PROFILE))
    print(to_json(timed_move(DATASET_BYTES)))


if __name__ == "__main__":
    main()
