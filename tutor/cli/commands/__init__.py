"""The commands, a module each. This package itself loads none of them, because the app's first paint waits for it."""

COMMANDS = (
    "list",
    "run",
    "check",
    "quiz",
    "review",
    "progress",
    "report",
    "export",
    "import",
    "verify",
    "new",
    "doctor",
)
