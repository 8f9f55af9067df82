"""A stack as a picture: what hangs at which network, and who reaches what; as Mermaid, and as SVG.

`composition` says what is drawn, as a plain value (`picture`); each format draws that.
"""

from ivc.diagram.composition import of_stack as of_stack
from ivc.diagram.picture import Picture as Picture
