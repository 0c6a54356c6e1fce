"""The candidate's room token grants what an interview needs, and nothing else."""

import jwt

from rooms.tokens import candidate_token

SESSION = "00000000-0000-4000-8000-000000000001"
SECRET = "a secret of the tests, of more than 32 bytes"


def test_it_opens_one_room_with_the_fewest_grants() -> None:
    token = candidate_token(key="key", secret=SECRET, session_id=SESSION, ttl_s=600)
    claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert claims["sub"] == f"candidate-{SESSION}"
    assert claims["iss"] == "key"
    assert claims["exp"] - claims["nbf"] == 600
    assert claims["video"] == {
        "roomJoin": True,
        "room": f"interview-{SESSION}",
        "canPublish": True,
        "canPublishSources": ["microphone", "camera"],
        "canSubscribe": True,
        "canPublishData": True,
    }
    assert set(claims) == {"sub", "iss", "nbf", "exp", "video"}, "nothing about the person is in it"
