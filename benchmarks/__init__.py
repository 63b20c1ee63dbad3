"""What Terrain does in how long, each figure beside a limit taken in the same run.

`python -m benchmarks` prints one table; `python -m benchmarks door weigh` only these; `--long` takes its time.
The machines that this runs on are shared and noisy: read the ratios, and compare CPU with CPU.
"""
