"""`python -m hub.cli` is the same as `hub`."""

from hub.cli.app import main

main()
