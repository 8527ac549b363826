"""A link that is changed for a while: noted on disk, then put back, at worst by the next command."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from lab.errors import LabError
from lab.model.link_state import LinkState
from lab.stack import shaping
from lab.system import lock, store
from lab.system.engine import Engine
from lab.system.home import Home

Say = Callable[[str], None]
_CLEAR = {"profile": "baseline", "shaper": "none", "congestion_control": ""}


@contextmanager
def as_found(home: Home, engine: Engine, doing: str, say: Say) -> Iterator[None]:
    """Leave the link as it was found, whatever happens in the block."""
    restore = _noted(shaping.status(engine, store.profiles()))
    session = lock.session(home)
    session.begin(doing, restore)
    try:
        yield
    finally:
        put_back(engine, restore, say)
        session.end()


@contextmanager
def whole_or_clear(home: Home, engine: Engine, doing: str, say: Say) -> Iterator[None]:
    """Shape in the block: done whole, or the link is clear again."""
    session = lock.session(home)
    session.begin(doing, _CLEAR)
    try:
        yield
    except BaseException:
        put_back(engine, _CLEAR, say)
        raise
    finally:
        session.end()


def put_right(home: Home, engine: Engine, say: Say) -> None:
    """What a killed command left: put the link back, and take its sidecars away."""
    engine.remove_strays()
    session = lock.session(home)
    left = session.read()
    if left is None:
        return
    say(f"a {left['doing']} was killed: putting the link back to {left['restore']['profile']}")
    put_back(engine, left["restore"], say)
    session.end()


def put_back(engine: Engine, restore: dict[str, str], say: Say) -> None:
    """The link as noted: a known profile with its shaper, else clear. Never in the way of what comes next."""
    known = {profile.name: profile for profile in store.profiles()}
    profile = known.get(restore["profile"])
    try:
        if profile is None or profile.is_plain:
            shaping.clear(engine)
        else:
            wanted = restore["congestion_control"]
            shaping.apply(
                engine, profile, known.values(), shaper=restore["shaper"], congestion_control=wanted
            )
    except LabError as error:
        say(f"the link could not be put back to {restore['profile']} ({error.message}): it is cleared")
        with suppress(LabError):
            shaping.clear(engine)


def _noted(state: LinkState) -> dict[str, str]:
    chosen = (
        h.congestion_control for h in state.hosts if h.congestion_control != h.kernel_congestion_control
    )
    return {"profile": state.profile, "shaper": state.shaper, "congestion_control": next(chosen, "")}
