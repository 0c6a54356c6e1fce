"""Data packets in a room: which of them are the house's own."""

from livekit import rtc

from interview.names import TOPIC_CONTROL


def is_control(packet: rtc.DataPacket) -> bool:
    """Tell whether a packet is the API's word to look at the session again.

    Only what the server itself sends has no sender: a candidate may publish data, also under this topic, and must not
    hurry the agents.
    """
    return packet.topic == TOPIC_CONTROL and packet.participant is None
