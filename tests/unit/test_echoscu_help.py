"""The help text of an echoscu, read as a table."""

from tests.unit.echoscu_help import options_in

HELP = """
parameters:
  peer                         hostname of DICOM peer

general options:
  -h      --help               print this help text and exit
          --version            print version information and exit
  -ll     --log-level          [l]evel: string constant
                               (fatal, error, warn)
network options:
  association negotiation debugging:
    -pts  --propose-ts         [n]umber: integer (1..38)
                               propose n transfer syntaxes
    -to   --timeout            [s]econds: integer (default: unlimited)
  private key password (only with --enable-tls):
    +tls  --enable-tls         [p]rivate key file, [c]ertificate file: string
                               (implies --enable-crl-vfy)
    +wf   --write-seed-file    [f]ilename: string (only with --seed)
"""


def test_names_values_and_ranges_are_found_and_nothing_else() -> None:
    assert list(options_in(HELP)) == [
        ("--help", "-h", 0, "-"),
        ("--version", "", 0, "-"),
        ("--log-level", "-ll", 1, "-"),
        ("--propose-ts", "-pts", 1, "1..38"),
        ("--timeout", "-to", 1, "-"),
        ("--enable-tls", "+tls", 2, "-"),
        ("--write-seed-file", "+wf", 1, "-"),
    ]
