"""The userspace packet emulator, for kernels without sch_netem. A program.

    python3 -m lab.inside.emulator '{"place": {"device": "eth0", "subnet": ...}, "link": {...}}'

``place`` holds the arguments of lab.link.tun_routes.takeover_argvs, ``link`` the fields of a Link.

It runs in a container's network namespace with NET_ADMIN and NET_RAW. A TUN device takes over the
route to the lab's subnet; what the host sends there arrives here at MTU size (no segmentation
offload to distort loss), waits in a Lane, and leaves through a raw socket bound to the real device.

The plain route is kept beside the TUN's with a worse metric. A TUN device lives as long as its file
descriptor: when this process ends, however it ends, the kernel takes the device and its route away
and traffic flows again.
"""

import dataclasses
import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from typing import Any, NoReturn

from lab.link.emulation import Lane
from lab.link.read_back import TUN_DEVICE
from lab.link.tun_routes import restore_argvs, takeover_argvs
from lab.model.profile import Link

REPORT_SOCKET = "\0lab-emulator"  # abstract: one per network namespace, gone with this process
_TUNSETIFF = 0x400454CA  # linux/if_tun.h
_IFF_TUN_NO_PI = 0x1001
_LONGEST_WAIT_S = 1.0
_BATCH_PACKETS = 64
_SEND_BUFFER_BYTES = 8 << 20
_LARGEST_PACKET_BYTES = 65536


def main() -> None:
    order = json.loads(sys.argv[1])
    place = order["place"]
    signal.signal(signal.SIGTERM, _stop)
    tun = _open_tun()
    wire = _open_wire(place["device"])
    control = _open_control()
    try:
        _run_all(takeover_argvs(**place))
        print("ready", flush=True)
        _forward(tun, wire, control, Link(**order["link"]))
    finally:
        os.close(tun)
        _run_all(restore_argvs(place["device"], place["subnet"], place["address"]))


def ask_report() -> dict[str, Any] | None:
    """The report of the emulator in this network namespace; None when none runs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client, suppress(OSError):
        client.settimeout(2)
        client.connect(REPORT_SOCKET)
        report: dict[str, Any] = json.loads(client.makefile().readline())
        return report
    return None


def _forward(tun: int, wire: socket.socket, control: socket.socket, link: Link) -> NoReturn:
    """Each packet in, through the lane, and out when it is due."""
    lane = Lane(link)
    waiting: deque[tuple[float, bytes]] = deque()
    clock = time.monotonic
    listening: list[Any] = [tun, control]
    while True:
        now_s = clock()
        while waiting and waiting[0][0] <= now_s:
            _send(wire, waiting.popleft()[1], lane)
        wait_s = min(waiting[0][0] - clock(), _LONGEST_WAIT_S) if waiting else _LONGEST_WAIT_S
        # select and not poll: its timeout is not rounded up to a whole millisecond
        readable, _, _ = select.select(listening, (), (), max(0.0, wait_s))
        if tun in readable:
            _take_in(tun, lane, waiting)
        if control in readable:
            _answer_report(control, link, lane)


def _take_in(tun: int, lane: Lane, waiting: deque[tuple[float, bytes]]) -> None:
    """Read what has come, a bounded batch, so that what is due is not kept waiting."""
    for _ in range(_BATCH_PACKETS):
        try:
            packet = os.read(tun, _LARGEST_PACKET_BYTES)
        except BlockingIOError:
            return
        if packet[0] >> 4 != 4:
            continue
        departure_s = lane.admit(time.monotonic(), len(packet))
        if departure_s is not None:
            waiting.append((departure_s, packet))


def _send(wire: socket.socket, packet: bytes, lane: Lane) -> None:
    """Out on the real device; the destination stands at bytes 16 to 19 of the IPv4 header (RFC 791 3.1)."""
    try:
        wire.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))
    except OSError:
        lane.counters.unsent_packets += 1


def _answer_report(control: socket.socket, link: Link, lane: Lane) -> None:
    client, _ = control.accept()
    with client, suppress(OSError):
        report = {"link": dataclasses.asdict(link), **dataclasses.asdict(lane.counters)}
        client.sendall(json.dumps(report).encode() + b"\n")


def _open_tun() -> int:
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, _TUNSETIFF, struct.pack("16sH", TUN_DEVICE.encode(), _IFF_TUN_NO_PI))
    os.set_blocking(tun, False)
    return tun


def _open_wire(device: str) -> socket.socket:
    wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode() + b"\0")
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    return wire


def _open_control() -> socket.socket:
    control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    control.bind(REPORT_SOCKET)
    control.listen()
    return control


def _run_all(argvs: list[list[str]]) -> None:
    for argv in argvs:
        subprocess.run(argv, check=True)


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
