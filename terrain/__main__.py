"""`python -m terrain` is `terrain`."""

from terrain.cli import main

if __name__ == "__main__":
    main()
