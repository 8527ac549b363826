"""Profiles on disk: those that come with the lab, and those of one's own."""

from contextlib import suppress
from pathlib import Path

from lab.errors import UsageProblem
from lab.link.profile_file import ProfileFile, profile_file_from_toml
from lab.link.profile_writing import profile_to_toml
from lab.model.profile import Profile
from lab.system import toml_files
from lab.system.files import write_private
from lab.system.home import Home, package_folder


def profiles(home: Home | None = None) -> list[Profile]:
    """Every profile, the unshaped reference first, those of one's own in ``home`` last.

    Raises UsageProblem naming a file that is wrong.
    """
    return [found.profile for found in profile_files(home)]


def readable_profiles(home: Home) -> list[Profile]:
    """As ``profiles``, to name a link by: a file of one's own that is wrong is no link's name."""
    shipped = profile_files()
    found = [one.profile for one in shipped]
    for path in sorted(home.profiles.glob("[!.]*.toml")):
        with suppress(UsageProblem, OSError):
            own = toml_files.read(path, profile_file_from_toml)
            _check_own_names(own, shipped)
            found.append(own.profile)
    return found


def aliases(home: Home | None = None) -> dict[str, tuple[str, ...]]:
    """Of every profile the other names it is found by."""
    return {found.profile.name: found.aliases for found in profile_files(home)}


def profile_files(home: Home | None = None) -> list[ProfileFile]:
    """As ``profiles``, with their files and other names."""
    shipped = _profiles_in(package_folder() / "link/profiles")
    own = _profiles_in(home.profiles) if home else []
    for number, found in enumerate(own):
        _check_own_names(found, shipped + own[:number])
    return sorted(shipped, key=lambda found: (not found.profile.is_plain, found.profile.name)) + own


def profile(name: str, home: Home | None = None) -> Profile:
    """One profile by its name, another name it has, or the path of its file. Raises UsageProblem.

    A path ends with .toml or has a slash in it. A file that is wrong is in nobody's way but its own.
    """
    if name.endswith(".toml") or "/" in name:
        return _profile_at(Path(name))
    if home and (home.profiles / f"{name}.toml").is_file():
        return _profile_at(home.profiles / f"{name}.toml")
    for found in profile_files():
        if name in found.names:
            return found.profile
    files = profile_files(home)
    for found in files:
        if name in found.names:
            return found.profile
    raise toml_files.unknown(name, [found.profile.name for found in files], "profile", "lab net list")


def save_profile(home: Home, profile: Profile) -> Path:
    """Keep it among one's own profiles, over one of that name; returns the file."""
    file = profile_path(home, profile.name)
    write_private(file, profile_to_toml(profile))
    return file


def profile_path(home: Home, name: str) -> Path:
    """Where a profile of one's own is kept. Raises UsageProblem when a shipped one has that name."""
    file = home.profiles / f"{name}.toml"
    for found in profile_files():
        if name in found.names:
            raise _taken(str(file), name, found.file)
    return file


def _profiles_in(folder: Path) -> list[ProfileFile]:
    return [toml_files.read(path, profile_file_from_toml) for path in sorted(folder.glob("[!.]*.toml"))]


def _profile_at(path: Path) -> Profile:
    if not path.is_file():
        msg = f"there is no profile file {path}"
        raise UsageProblem(msg, "give its path, or a name from lab net list")
    found = toml_files.read(path, profile_file_from_toml)
    _check_own_names(found, profile_files())
    return found.profile


def _check_own_names(own: ProfileFile, others: list[ProfileFile]) -> None:
    for other in others:
        for name in own.names:
            if name in other.names:
                raise _taken(own.file, name, other.file)


def _taken(file: str, name: str, by: str) -> UsageProblem:
    return UsageProblem(f"{file}: {name!r} is the name of another profile ({by})", "give yours another name")


def published_words() -> frozenset[str]:
    """What the lab ships with: names of its profiles and phases, and what profiles say."""
    shipped = [found.profile for found in _profiles_in(package_folder() / "link/profiles")]
    about = [text for one in shipped for text in (one.name, one.description, one.source)]
    phases = [phase.name for one in shipped for phase in one.phases]
    return frozenset([*about, *phases])
