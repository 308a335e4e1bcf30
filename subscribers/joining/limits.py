"""How often one network may use the forms. Held in memory: a restart forgives."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

# An office or a clinic behind one address signs up one by one; a program does not.
RATES = (RateLimitItemPerMinute(10), RateLimitItemPerHour(60))
# What one customer of a provider is given: a single address, or a /56 to be divided.
_BITS = {4: 32, 6: 56}


class NetworkLimits:
    """Counts the uses of forms by network."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def allow(self, host: str) -> bool:
        """Count one use; false when there have been too many of late."""
        network = network_of(host)
        return all(self._windows.hit(rate, network) for rate in RATES)


def network_of(host: str) -> str:
    """The network of a browser's address; what is no address is one network."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return _prefix(address)


def _prefix(address: IPv4Address | IPv6Address) -> str:
    spare = address.max_prefixlen - _BITS[address.version]
    return f"{address.version}:{int(address) >> spare:x}"
