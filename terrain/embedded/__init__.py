"""PostgreSQL without installing PostgreSQL: the binaries of a wheel, under our own supervision.

Promise: whatever is killed, however it is killed, no acknowledged row is lost, and no server is
left behind without its parent.

`binaries` finds the programs, `home` lays out the folder, `server` starts, watches and stops.
"""
