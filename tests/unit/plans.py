"""Plans, as files would say them."""

from functools import cache
from typing import Any

from lab.model.plan import Plan
from lab.model.profile import Profile
from lab.plans.plan_file import plan_from_toml
from lab.system import store

HEAD = 'description = "d"\nsource = "s"\n'
LISTS = 'studies = ["quick"]\nprofiles = ["baseline", "wan-20ms"]\n'


@cache
def profile_named(name: str) -> Profile:
    """One of the lab's own."""
    return store.profile(name)


def plan(rest: str = "", lists: str = LISTS) -> Plan:
    """Of the quick study over two profiles, with what is added; profiles are the lab's own."""
    return plan_from_toml("p", HEAD + lists + rest, "p.toml", profile_named)


def settings(found: Plan, *fields: str) -> list[Any]:
    """What the cases have in these fields; of a profile its name."""
    rows = [[getattr(case, name) for name in fields] for case in found.cases]
    plain = [[getattr(value, "name", value) for value in row] for row in rows]
    return [row[0] if len(row) == 1 else tuple(row) for row in plain]
