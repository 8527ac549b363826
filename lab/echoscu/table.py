"""Every option, in echoscu's order, ours last."""

from lab.echoscu.general_options import GENERAL, OURS
from lab.echoscu.network_options import NETWORK
from lab.echoscu.option import Option
from lab.echoscu.profile_options import PROFILES
from lab.echoscu.tls_options import CONNECTION, PEER, TRUST

OPTIONS: tuple[Option, ...] = (*GENERAL, *NETWORK, *CONNECTION, *TRUST, *PROFILES, *PEER, *OURS)
BY_NAME = {name: option for option in OPTIONS for name in (option.long, option.short) if name}
