"""The app in a terminal.

Textual draws at most 60 times a second, by a timer: a verdict would wait 8 ms for it on average, and then for the
next one if it changed the layout. The limit is read when Textual is imported, from a variable that programs
started by the tutor must not see.
"""

import os

if "TEXTUAL_FPS" not in os.environ:
    os.environ["TEXTUAL_FPS"] = "250"
    import textual.constants  # noqa: F401

    del os.environ["TEXTUAL_FPS"]
