"""`python -m practice.guest`."""

from practice.guest.cli import main

main()
