"""What an upgrade may do, as docs/promise.md has it: this tree beside the last release."""
