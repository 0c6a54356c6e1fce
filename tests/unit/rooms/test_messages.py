"""Data packets: what of them is believed."""

from typing import Any, cast

import pytest
from livekit import rtc

from interview.names import TOPIC_CONTROL, TOPIC_PROGRESS
from rooms.messages import is_control

SOMEBODY = cast(Any, object())
"""A packet's sender, whoever it is: nothing of it is looked at."""


@pytest.mark.parametrize(
    ("topic", "sender", "expected"),
    [
        (TOPIC_CONTROL, None, True),
        (TOPIC_CONTROL, SOMEBODY, False),
        (TOPIC_PROGRESS, None, False),
        (None, None, False),
    ],
)
def test_only_the_server_itself_tells_agents_to_look(topic: str | None, sender: Any, expected: bool) -> None:
    packet = rtc.DataPacket(data=b"{}", kind=rtc.DataPacketKind.KIND_RELIABLE, participant=sender, topic=topic)
    assert is_control(packet) is expected
