"""What to do with a bug: write it down whole, without anybody's data, and say that it was ours."""

import traceback

from terrain import logs
from terrain.errors import Refusal

log = logs.get("web")


class Broken(Refusal):
    """Something of ours broke; what was asked was not done."""

    code = "broken"
    status = 500


def write_down(error: BaseException, path: str) -> None:
    """Log where it happened: the frames and the kind of error, not its text, which may hold data."""
    chain: list[str] = []
    at: BaseException | None = error
    while at is not None:
        frames = traceback.extract_tb(at.__traceback__)
        chain.append(f"{type(at).__module__}.{type(at).__qualname__}")
        chain += [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        at = at.__cause__ or at.__context__
    log.error("bug", path=path, state=getattr(error, "sqlstate", None), trace=chain)
