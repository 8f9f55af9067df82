"""What a declaration says about an instance's user data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivc.userdata import checks, template
from ivc.userdata.document import Document


@dataclass(frozen=True)
class UserData:
    """User data that a template gives; made by `UserData.template`."""

    _template: str
    _variables: Mapping[str, object] = field(hash=False)

    @classmethod
    def template(cls, template: str, /, **variables: Any) -> UserData:
        """User data from a Jinja template.

        template: the path of the file below the app's folder `userdata/`, with `/`.
        variables: what the template may use, beside `instance`, which is given to every template. A value known
        only at apply (`AtApply`) may be among them.

        Raises ValueError for a variable named `instance`.
        """
        if "instance" in variables:
            raise ValueError(
                f"UserData.template({template!r}): the name `instance` is taken by the facts of the instance "
                "itself; give the variable another name"
            )
        return cls(template, variables)

    @property
    def variables(self) -> Mapping[str, object]:
        """The declaration's own variables."""
        return self._variables

    def render(self, *, folder: Path, instance: object, variables: Mapping[str, object] | None = None) -> Document:
        """The checked document, for one instance.

        folder: where the templates stand.
        instance: what templates see as `instance`.
        variables: in place of the declaration's own, where a caller had to translate them.

        Raises ValueError where the template does not render, or what it gives cannot be user data.
        """
        given = self._variables if variables is None else variables
        document = template.render(self._template, {**given, "instance": instance}, folder=folder)
        try:
            checks.check(document)
        except ValueError as error:
            raise ValueError(f"{folder / self._template}: {error}") from None
        return document
