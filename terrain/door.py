"""Whether the web process answers, as seen from outside it."""

import http.client

PATIENCE = 2.0


def answers(host: str, port: int) -> bool:
    """Tell whether a Terrain, and not somebody else, listens there."""
    door = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        door.request("GET", "/health")
        return door.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        door.close()
