"""DCMTK's storescu in the tools container, measured: started all at once, its own log read when it has ended.

A log that is followed while it is written costs a tenth of the throughput on a small machine; so it goes to a
file there. When our stdin ends we are gone, and so are they.
"""

from collections.abc import Callable, Iterator, Sequence

from lab.errors import UnhealthyError
from lab.model.tls import TlsFiles
from lab.system import process
from lab.system.engine import Engine
from lab.system.process import Conversation

LOG = "log"
PROGRESS = "progress"
ENDED = "ended"

# Files arrive on stdin, as many bytes of each as its argument says. The logs quote what they find in a file
# that is none of DICOM's: what is no UTF-8 is left out.
_SCRIPT = r"""
set -e
host=$1 port=$2 called=$3 calling=$4 options=$5; shift 5
folder=$(mktemp -d /tmp/lab-store-XXXXXX)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
while [ $# -gt 0 ]; do head -c "$2" > "$1"; shift 2; done
cat list.* | xargs cat > /dev/null
exec 3<&0
for list in list.*; do
    job=${list#list.}
    storescu --no-halt --log-config "config.$job" --config-file proposal study \
        --call "$called" --aetitle "$calling" $options "$host" "$port" "@$list" > "log.$job" 2>&1 &
    jobs="$jobs $!"
done
(cat <&3; kill $jobs) > /dev/null 2>&1 &
watch=$!
(while sleep 0.5; do echo "progress $(cat log.* | grep -c 'Received Store Response')"; done) 2> /dev/null &
watch="$watch $!"
code=0
for job in $jobs; do wait "$job" || code=$?; done
kill $watch 2> /dev/null || true
for list in list.*; do iconv -c -f UTF-8 -t UTF-8 "log.${list#list.}" | sed "s/^/log ${list#list.} /"; done
echo "ended $code"
"""

# Seconds since 1970 and %Q: milliseconds with their fraction (log4cplus). What passes: every line from
# INFO on, and the response as dumped at DEBUG, which alone has the status in hex.
_CONFIG = """\
log4cplus.rootLogger=WARN, console
log4cplus.logger.dcmtk.apps.storescu=DEBUG
log4cplus.appender.console=log4cplus::ConsoleAppender
log4cplus.appender.console.ImmediateFlush=true
log4cplus.appender.console.layout=log4cplus::PatternLayout
log4cplus.appender.console.layout.ConversionPattern=%D{%s %Q} %p %m%n
log4cplus.appender.console.filters.1=log4cplus::spi::StringMatchFilter
log4cplus.appender.console.filters.1.StringToMatch=DIMSE Status
log4cplus.appender.console.filters.1.AcceptOnMatch=true
log4cplus.appender.console.filters.2=log4cplus::spi::LogLevelRangeFilter
log4cplus.appender.console.filters.2.LogLevelMin=INFO
log4cplus.appender.console.filters.2.AcceptOnMatch=true
"""


def run(
    engine: Engine,
    peer: tuple[str, int, str, str],
    pairs: Sequence[tuple[str, str]],
    shares: Sequence[Sequence[str]],
    on_progress: Callable[[int], None],
    tls: TlsFiles | None = None,
    max_pdu_bytes: int = 0,
) -> tuple[list[str], int]:
    """Send files, a storescu for each share at once.

    Args:
        engine: the stack must be up.
        peer: host, port, called and calling AE title.
        pairs: (SOP class, transfer syntax) to propose, each as a presentation context.
        shares: files as the tools container sees them.
        on_progress: hears of the responses so far, twice a second.
        tls: by DICOM TLS; paths without spaces.
        max_pdu_bytes: longest P-DATA-TF it sends; 0 is what the PACS takes.

    Returns:
        The lines of their logs, each begun with the number of its share, and the worst exit code.
    """
    parts = {"proposal": _proposal(pairs)}
    for number, share in enumerate(shares):
        parts[f"list.{number}"] = "".join(f'"{file}"\n' for file in share)
        parts[f"config.{number}"] = _CONFIG
    sizes = [word for name, text in parts.items() for word in (name, str(len(text.encode())))]
    container = engine.service("dcmtk").id or ""
    options = [*(tls.dcmtk_words if tls else [])]
    if max_pdu_bytes:
        options += ["--max-send-pdu", str(max_pdu_bytes)]
    words = ["sh", *map(str, peer), " ".join(options), *sizes]
    argv = ["docker", "exec", "-i", container, "sh", "-c", _SCRIPT, *words]
    with process.conversation(argv, "".join(parts.values())) as talk:
        return _heard(talk, on_progress)


def _heard(talk: Conversation, on_progress: Callable[[int], None]) -> tuple[list[str], int]:
    log: list[str] = []
    for line in _lines(talk):
        kind, _, rest = line.partition(" ")
        if kind == LOG:
            log.append(rest)
        elif kind == PROGRESS:
            on_progress(int(rest or 0))
        elif kind == ENDED:
            return log, int(rest)
    msg = f"storescu in the dcmtk container vanished {talk.complaint()}".rstrip()
    raise UnhealthyError(msg, "lab status; lab up")


def _lines(talk: Conversation) -> Iterator[str]:
    return (line.rstrip("\n") for line in talk.lines)


def _proposal(pairs: Sequence[tuple[str, str]]) -> str:
    """An association configuration file (DCMTK, asconfig.txt)."""
    syntaxes = list(dict.fromkeys(syntax for _, syntax in pairs))
    lines = ["[[TransferSyntaxes]]"]
    for number, syntax in enumerate(syntaxes):
        lines += [f"[syntax{number}]", f"TransferSyntax1 = {syntax}"]
    lines += ["[[PresentationContexts]]", "[contexts]"]
    for number, (sop_class, syntax) in enumerate(pairs, 1):
        lines.append(f"PresentationContext{number} = {sop_class}\\syntax{syntaxes.index(syntax)}")
    lines += ["[[Profiles]]", "[study]", "PresentationContexts = contexts", ""]
    return "\n".join(lines)
