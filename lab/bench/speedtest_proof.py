"""Did a PACS deliver what it says it did? What went wrong, and what to look at. Pure."""

from lab.bench.speedtest_figures import counted, images
from lab.dicom.dimse import SUCCESS
from lab.errors import DeliveryError, LabError, UnhealthyError
from lab.model.exchange import Ending, MoveOutcome, Obstacle
from lab.model.speedtest import Speedtest
from lab.system.local_agent import NotBegun

_UNKNOWN_DESTINATION = 0xA801
_WRONG_IDENTIFIER = 0xA900
_REFUSED_KEYS = "; a PACS may refuse both keys at patient level with this status: --level study"


_NOBODY_ASKED = (Obstacle.PORT_TAKEN, Obstacle.CANNOT_LISTEN, Obstacle.OTHER)


class NoImage(LabError):
    """The PACS was asked, or could not be, and no image came; with the exit code of what went wrong."""

    def __init__(self, wrong: LabError) -> None:
        super().__init__(wrong.message, wrong.remedy)
        self.exit_code = wrong.exit_code


def explained(obstacle: NotBegun, wish: Speedtest) -> LabError:
    """Why nothing was asked for, with what to do about it; NoImage where it was the PACS's affair."""
    remedies = {
        Obstacle.PORT_TAKEN: "end what listens there; or -p, with a port that the PACS has for this machine",
        Obstacle.CANNOT_LISTEN: "-ba takes an address of this machine, -p a port that one may listen on",
        Obstacle.NO_ANSWER: (
            f"check HOST and PORT, that the PACS is up there {'with' if wish.tls else 'without'} TLS,"
            " and that no firewall is in between"
        ),
        Obstacle.NOT_SECURED: (
            "check that --tls-ca is the authority of the PACS's certificate, that HOST is a name in it, and"
            " that the PACS trusts who issued --tls-certificate"
        ),
        Obstacle.REFUSED: (
            f"check AEC, which is {wish.called_ae_title} here, and that the PACS lets"
            f" {wish.calling_ae_title} retrieve; --calling asks as somebody else"
        ),
        Obstacle.NOT_OFFERED: f"--level {_other_level(wish)}, which asks in another model (PS3.4 C.6)",
    }
    kind = UnhealthyError if obstacle.obstacle is Obstacle.NO_ANSWER else LabError
    wrong = kind(obstacle.message, remedies.get(obstacle.obstacle, ""))
    return wrong if obstacle.obstacle in _NOBODY_ASKED else NoImage(wrong)


def check(outcome: MoveOutcome, wish: Speedtest) -> None:
    """Hold what came against what the PACS counts.

    Raises:
        UnhealthyError: the PACS stopped in the middle.
        DeliveryError: sub-operations failed, or fewer images came than the PACS counts.
        LabError: it refused, or had nothing to send.
        NoImage: in place of each of these when nothing came.
    """
    came = len(set(outcome.arrivals.sop_instance_uids))
    try:
        _check(outcome, wish, came)
    except LabError as wrong:
        if came:
            raise
        raise NoImage(wrong) from wrong


def _check(outcome: MoveOutcome, wish: Speedtest, came: int) -> None:
    _check_it_lasted(outcome, wish, came)
    _check_it_was_done(outcome, wish, came)
    counts, said = outcome.suboperations, counted(outcome)
    if counts.failed or counts.warning:
        what = f"{counts.failed} failed and {counts.warning} warned sub-operations"
        msg = f"the PACS reports {what}; {images(came)} came{_troubles(outcome)}"
        raise DeliveryError(msg, _what_to_check(outcome, wish, came))
    if came < said:
        msg = f"the PACS says it sent {images(said)}, and {images(came)} came{_troubles(outcome)}"
        raise DeliveryError(msg, _what_to_check(outcome, wish, came))
    if not came:
        msg = "no image came: the PACS says it is done, and that there was nothing to send"
        raise LabError(msg, f"is the study in the PACS (-s, -pid)? Then {_destination(wish)}")


def _check_it_lasted(outcome: MoveOutcome, wish: Speedtest, came: int) -> None:
    """Silence after Success is a matter of counts, not of health."""
    if outcome.ending is Ending.CONNECTION_LOST:
        msg = f"{outcome.explanation}, after {images(came)}{_troubles(outcome)}"
        raise UnhealthyError(msg, "look into the PACS's log")
    if outcome.ending is Ending.IDLE and outcome.status != SUCCESS:
        silence = f"for {wish.dimse_timeout_s:g} s (-td)"
        msg = f"timed out: {outcome.explanation} {silence}, after {images(came)}{_troubles(outcome)}"
        raise UnhealthyError(msg, f"-td waits longer; {_what_to_check(outcome, wish, came)}")


def _check_it_was_done(outcome: MoveOutcome, wish: Speedtest, came: int) -> None:
    if outcome.ending is not Ending.REFUSED:
        return
    kind = DeliveryError if came or outcome.suboperations.failed else LabError
    failed = f", {outcome.suboperations.failed} failed" if outcome.suboperations.failed else ""
    msg = f"{images(came)} came{failed}: {outcome.explanation}{_troubles(outcome)}"
    remedy = _what_to_check(outcome, wish, came)
    if outcome.status == _UNKNOWN_DESTINATION:
        remedy = _destination(wish) + (_REFUSED_KEYS if wish.level == "PATIENT" else "")
    elif outcome.status == _WRONG_IDENTIFIER:
        remedy = f"this PACS may not take the keys of this level: --level {_other_level(wish)}"
    raise kind(msg, remedy)


def _what_to_check(outcome: MoveOutcome, wish: Speedtest, came: int) -> str:
    """Whether the PACS got through to us decides where to look."""
    if came:
        return "look into the PACS's log"
    if outcome.associations:
        return (
            "the PACS connected and stored nothing: see its log for the transfer syntaxes that it offers"
            " (-xi takes one only)"
        )
    return _destination(wish)


def _other_level(wish: Speedtest) -> str:
    return "study" if wish.level == "PATIENT" else "patient"


def _destination(wish: Speedtest) -> str:
    return (
        f"check that the PACS has {wish.ae_title} as a move destination (an AE title may have one address),"
        f" at this machine's address and port {wish.cstore_port}, and that it can connect to there"
    )


def _troubles(outcome: MoveOutcome) -> str:
    """Why storage associations ended, as the receiver saw it; "" when all were released."""
    troubles = dict.fromkeys(one.trouble for one in outcome.associations if one.trouble)
    return f" (storage association: {'; '.join(troubles)})" if troubles else ""
