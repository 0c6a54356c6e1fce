"""Room tokens: who may join which room, and what they may do there."""

from datetime import timedelta

from livekit import api

from interview.names import candidate_identity, observer_identity, room_name


def candidate_token(*, key: str, secret: str, session_id: str, ttl_s: int) -> str:
    """Sign the token with which the candidate joins the room of `session_id`, and no other.

    It grants microphone and camera, hearing others, and data (typed answers); nothing else. It carries no name and
    no email. It lives for `ttl_s` seconds; expiry does not disconnect someone who is already in.
    """
    grants = api.VideoGrants(
        room_join=True,
        room=room_name(session_id),
        can_publish=True,
        can_publish_sources=["microphone", "camera"],
        can_subscribe=True,
        can_publish_data=True,
    )
    token = api.AccessToken(key, secret).with_identity(candidate_identity(session_id))
    return token.with_grants(grants).with_ttl(timedelta(seconds=ttl_s)).to_jwt()


def observer_token(*, key: str, secret: str, session_id: str, user_id: str, ttl_s: int) -> str:
    """Sign the token with which a user watches the room of `session_id`, seen by nobody in it.

    It grants seeing and hearing; nothing can be sent with it, no data either, and it makes no room. It carries no name.
    """
    grants = api.VideoGrants(
        room_join=True,
        room=room_name(session_id),
        hidden=True,
        can_subscribe=True,
        can_publish=False,
        can_publish_data=False,
        can_update_own_metadata=False,
    )
    token = api.AccessToken(key, secret).with_identity(observer_identity(user_id))
    return token.with_grants(grants).with_ttl(timedelta(seconds=ttl_s)).to_jwt()
