"""Why the embedded PostgreSQL may say no."""

from terrain.errors import Refusal


class NoBinaries(Refusal):
    """The wheel that carries PostgreSQL has no build for this machine."""

    code = "no_postgres_binaries"
    status = 503


class UnreachableFolder(Refusal):
    """Root's PostgreSQL runs as an unprivileged user, who must be able to reach the folder."""

    code = "unreachable_folder"
    status = 503


class OtherVersion(Refusal):
    """A data folder is read by the major version that made it, and by no other."""

    code = "other_postgres_version"
    status = 503


class WouldNotStart(Refusal):
    """PostgreSQL gave up; the last line of its log says why."""

    code = "postgres_would_not_start"
    status = 503
