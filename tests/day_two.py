"""The program and the edits of docs/day-two.md."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from tests.helpers import PROJECT

TEMPLATES = {
    "www.yaml.jinja": "#cloud-config\nssh_authorized_keys: {{ keys | to_yaml }}\n",
    "db.yaml.jinja": "#cloud-config\n",
}
BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """An edit as a diff, in hunks, and what the page has the review say."""

    heading: str
    diff: str
    said: str

    def edited(self, program: str) -> str:
        """The program after it."""
        for hunk in self.diff.split("@@\n"):
            lines = hunk.splitlines(keepends=True)
            before = "".join(line[1:] for line in lines if line[0] != "+")
            assert program.count(before) == 1, before
            program = program.replace(before, "".join(line[1:] for line in lines if line[0] != "-"))
        return program


def _program_and_examples() -> tuple[str, list[Example]]:
    page = (PROJECT / "docs" / "day-two.md").read_text()
    blocks = [(found["language"], found["text"], found.start()) for found in BLOCK.finditer(page)]
    program = next(text for language, text, _ in blocks if language == "python")
    examples = [
        Example(re.findall(r"^## (.*)$", page[:start], re.MULTILINE)[-1], diff, said)
        for (language, diff, start), (_, said, _) in itertools.pairwise(blocks)
        if language == "diff"
    ]
    return program, examples


PROGRAM, EXAMPLES = _program_and_examples()
