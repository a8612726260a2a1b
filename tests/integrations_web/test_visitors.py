"""What a public page keeps about a visit: the network, never the machine."""

import pytest

from rapport.integrations.web.visitors import truncated


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::"),
        ("", ""),
        ("not an address", ""),
    ],
)
def test_the_last_part_of_an_address_is_cut_off(address, kept):
    assert truncated(address) == kept
