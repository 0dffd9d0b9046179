"""Where a redirect may lead, by which names a server may be asked for, how often a token may be wrong."""

import pytest

from lorgnette.web.addresses import is_known_host, is_loopback, local_address, origin_host
from lorgnette.web.limits import MOST_ADDRESSES, OF_ALL, OF_ONE, Failures


@pytest.mark.parametrize("wanted", ["/", "/overview", "/overview?stream=a&b=%2F%2Fx", "/a/b/"])
def test_an_address_of_this_server_is_kept(wanted):
    assert local_address(wanted, "") == wanted
    assert local_address(f"/deep/er{wanted}", "/deep/er") == f"/deep/er{wanted}"


@pytest.mark.parametrize(
    "wanted",
    [
        None, "", "overview", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "https://evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: a=b", "/ü", "/a b",
    ],
)  # fmt: skip
def test_an_address_that_could_lead_elsewhere_is_not(wanted):
    assert local_address(wanted, "") == "/"
    assert local_address(wanted, "/deep/er") == "/deep/er/"


def test_an_address_beside_the_prefix_is_not_ours():
    assert local_address("/other", "/deep") == "/deep/"
    assert local_address("/deeper", "/deep") == "/deep/"
    assert local_address("/deep?a=1", "/deep") == "/deep?a=1"


@pytest.mark.parametrize(
    "host", ["localhost:5006", "LOCALHOST", "127.0.0.1:1", "[::1]:5006", "10.1.2.3:80", "node7:5006", "a.example.org"]
)
def test_a_known_host(host):
    assert is_known_host(host, ["node7", "", "a.example.org:80"])
    assert is_known_host(host, ["node7", "::1", "*.example.org:*"])


@pytest.mark.parametrize(
    "host", ["evil.example:5006", "", "localhost.evil.example", "[", "127.0.0.1.evil.example", "x:y:z"]
)
def test_an_unknown_host(host):
    assert not is_known_host(host, ["node7", "a.example.org:80"])
    assert is_known_host("evil.example", ["*"]), "whoever writes a star means it"


def test_loopback():
    assert all(map(is_loopback, ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"]))
    assert not any(map(is_loopback, ["::", "", "node7", "10.0.0.1"]))


def test_the_host_of_an_origin():
    assert origin_host("https://App.example.org:8443") == "app.example.org:8443"
    assert [origin_host(odd) for odd in ("null", "", "http://[", "app.example.org")] == [""] * 4


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_few_failures_at_once_then_seldom(clock):
    failures = Failures(clock)
    most, per_s = OF_ONE
    told = [failures.add("a") for _ in range(int(most))]
    assert told == [False] * (int(most) - 1) + [True], "said once"
    assert failures.wait_s("a") == pytest.approx(1 / per_s)
    assert failures.wait_s("b") == 0
    clock.now += 1 / per_s
    assert failures.wait_s("a") == 0
    for _ in range(1000):
        failures.add("a")
    assert failures.wait_s("a") == pytest.approx(1 / per_s), "a long attack makes nobody wait longer"


def test_all_together_hold_up_only_those_who_have_failed(clock):
    failures = Failures(clock)
    for number in range(int(OF_ALL[0])):
        failures.add(f"10.0.0.{number}")
    assert failures.wait_s("10.0.0.1") > 0
    assert failures.wait_s("192.168.0.1") == 0


def test_one_owner_of_many_addresses_is_one(clock):
    failures = Failures(clock)
    for number in range(int(OF_ONE[0])):
        failures.add(f"2001:db8::{number:x}")
    assert failures.wait_s("2001:db8::ffff") > 0
    assert failures.wait_s("2001:db8:0:1::1") == 0


def test_the_memory_is_bounded(clock):
    failures = Failures(clock)
    for number in range(3 * MOST_ADDRESSES):
        failures.add(str(number))
    assert len(failures._addresses) == MOST_ADDRESSES
