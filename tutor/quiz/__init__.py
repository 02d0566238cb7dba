"""Questions as they are asked: put with fresh numbers, judged by what the installed torch says, dealt and proved."""
