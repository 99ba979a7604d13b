"""`python -m allocator`: the command line without an installed script."""

from allocator.cli.main import main

if __name__ == "__main__":
    main()
