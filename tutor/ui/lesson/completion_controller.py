"""Completion of names in the editor, and the documentation of the name at the cursor."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.geometry import Offset, Size
from textual.strip import Strip
from textual.widget import Widget

from tutor.render.text.style import Look
from tutor.ui import keys
from tutor.ui.base.delay import Delay
from tutor.ui.base.dialogs import DocsScreen
from tutor.ui.lesson.completion import Offer, asks
from tutor.ui.lesson.controller import Controller, Workspace

ASK_AFTER = 0.06
"""Seconds of quiet after which is asked how a name may go on."""
VISIBLE_AFTER = 0.25
"""Seconds after which a learner can have seen the list. A key that comes sooner was meant for the text."""
ROWS = 8
"""Rows of the list shown at a time."""
WIDEST = 48
"""Columns of the list."""
PATIENCE = 0.4
"""Seconds that an answer may take before it is said that one waits for it."""


class Popup(Widget):
    """The list at the cursor, over everything else. It never has the keys: the editor goes on taking them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"popup--chosen"}

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.offer: Offer | None = None
        """The offer in the list; None while there is no list."""
        self._top = 0
        self.display = False

    def close(self) -> None:
        """Show nothing."""
        self.offer = None
        self.display = False

    def show(self, offer: Offer, cursor: Offset, screen: Size, look: Look) -> None:
        """Show an offer for the name that ends at ``cursor``: below it, or above where there is more room."""
        self.offer, self._look = offer, look
        count = min(ROWS, len(offer.fitting))
        below, above = screen.height - 2 - cursor.y, cursor.y - 1  # the footer and the header stay
        up = below < count and above > below
        rows = max(1, min(count, above if up else below))
        widths = [cell_len(item.name) + 3 + len(item.kind) + bool(item.kind) for item in offer.fitting[:100]]
        width = min(WIDEST, screen.width, max(widths))
        x = max(0, min(cursor.x - cell_len(offer.typed) - 1, screen.width - width))
        chosen = offer.chosen or 0
        self._top = max(min(self._top, chosen, len(offer.fitting) - rows), chosen - rows + 1, 0)
        self.styles.width, self.styles.height = width, rows
        self.styles.offset = (x, cursor.y - rows if up else cursor.y + 1)
        self.display = True
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One way to go on: its name, and what kind of thing it is."""
        offer, width, look = self.offer, self.size.width, self._look
        index = self._top + y
        if offer is None or index >= len(offer.fitting):
            return Strip.blank(width, self.rich_style)
        item = offer.fitting[index]
        pointer = (">" if look.ascii else "›") if index == offer.chosen else " "
        line = Text.assemble(pointer, look.spell(item.name), no_wrap=True, end="")
        room = width - len(item.kind) - 1
        line.truncate(max(1, room), overflow="crop" if look.ascii else "ellipsis", pad=True)
        line.append(f"{item.kind} ", look.dim_style)
        strip = Strip(line.render(self.app.console)).adjust_cell_length(width)
        if index == offer.chosen:
            strip = strip.apply_style(self.get_component_rich_style("popup--chosen", partial=True))
        return strip.apply_style(self.rich_style)


class CompletionController(Controller):
    """Completion in the editor, and the documentation of a name."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._popup = Popup(self._context.look)
        self._key_typed = False
        """The last key was typed into the text, and what follows from it has not been looked at."""
        self._asking = Delay(self._screen.set_timer, ASK_AFTER, self._ask)
        self._opened_at = 0.0
        self._declined: tuple[int, int] | None = None
        """Row and column of the name for which the list was closed: it stays closed until another name begins."""
        self._editor.before_key = self._before_key

    # --- what the editor reports ------------------------------------------------------------------------------

    def _before_key(self, event: events.Key) -> bool:
        """Act on a key before the editor does; whether that was all."""
        self._key_typed = event.is_printable or event.key == "backspace"
        current = self._popup.offer
        if current is None or self._key_typed:
            return False
        match keys.action(event.key, "names"):
            case "take":
                self._accept(current)
            case "take_chosen" if current.chosen is not None:
                self._accept(current)
            case "decline":
                self._declined = (current.row, current.start)
                self.close()
            case "move(1)" if time.monotonic() - self._opened_at >= VISIBLE_AFTER:
                self._move(current, 1)
            case "move(-1)" if current.chosen is not None:
                self._move(current, -1)
            case _:
                self.close()
                return False
        return True

    def text_changed(self) -> None:
        """Go on from what was typed; what changed the text otherwise closes the list."""
        typed, self._key_typed = self._key_typed, False
        if typed:
            self._go_on()
        else:
            self.close()

    def cursor_moved(self) -> None:
        """The list goes once the cursor has left the name."""
        current = self._popup.offer
        if current is not None:
            row, column = self._editor.cursor_location
            if row != current.row or column < current.start:
                self.close()

    # --- the list ---------------------------------------------------------------------------------------------

    def _show(self, current: Offer) -> None:
        if self._popup.parent is None:
            self._screen.mount(self._popup)
        if self._popup.offer is None:
            self._opened_at = time.monotonic()
        self._popup.show(current, self._editor.cursor_screen_offset, self._screen.app.size, self._context.look)

    def close(self) -> None:
        """Take the list away, and ask for no other."""
        self._asking.stop()
        self._popup.close()

    def _move(self, current: Offer, step: int) -> None:
        current.move(step)
        self._show(current)

    def _accept(self, current: Offer) -> None:
        """Put the whole name where its beginning was typed, as one edit that can be undone."""
        row, column = self._editor.cursor_location
        self.close()
        self._editor.history.checkpoint()
        name = current.pick(self._editor.document[row][column:])
        self._editor.replace(name, (current.row, current.start), (row, column), maintain_selection_offset=False)
        self._editor.history.checkpoint()

    # --- asking -----------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        row, column = self._editor.cursor_location
        line = self._editor.document[row]
        current = self._popup.offer
        if current is not None:
            if current.follow(row, column, line):
                self._show(current)
            else:
                self.close()
        self._asking.stop()
        is_on = self._learner.stood.completion and self._context.machine.stage != "starting"
        if is_on and self._editor.selection.is_empty and asks(line[:column]):
            self._asking.start()

    def _ask(self) -> None:
        self._screen.run_worker(self._complete(), group="completion", exclusive=True, exit_on_error=False)

    async def _complete(self, *, on_request: bool = False) -> None:
        """Ask how the name before the cursor may go on; show it if the cursor is still in that name then."""
        from tutor.protocol.codec import Complete, Completions

        row, column = self._editor.cursor_location
        text = self._editor.text
        answer = await self._context.runs.ask(Complete(self._context.runs.new_id(), text, row, column))
        if not isinstance(answer, Completions) or not self._screen.is_current or self._panes.current != "code":
            return
        offered = Offer(row, answer.start, text.split("\n")[row][: answer.start], answer.items)
        if (row, offered.start) == self._declined and not on_request:
            return
        self._declined = None
        before = self._popup.offer
        if before is not None and before.chosen is not None and before.start == offered.start:
            return  # the learner has moved into the list: it stays as they see it
        now = self._editor.cursor_location
        if offered.follow(*now, self._editor.document[now[0]]):
            self._show(offered)
        else:
            self.close()
            if on_request:
                self._screen.show_notice("Nothing is known that could follow here.")

    def complete(self) -> None:
        """Ask for the list, whatever was typed."""
        self._screen.clear_notice()
        self._panes.turn_to("code")
        if self._worker_listens("Names are completed"):
            self._declined = None
            work = self._complete(on_request=True)
            self._screen.run_worker(work, group="completion", exclusive=True, exit_on_error=False)

    def toggle(self) -> None:
        """Offer names while one types, or leave one alone."""
        was_on = self._learner.stood.completion
        self._learner.stood = replace(self._learner.stood, completion=not was_on)
        self.close()
        if was_on:
            self._screen.show_notice(f"Names are offered no more; {keys.key('complete').name} asks for them.")
        else:
            self._screen.show_notice("Names are offered while you type: Tab takes the first.")

    def _worker_listens(self, service: str) -> bool:
        machine = self._context.machine
        if machine.fault:
            self._screen.show_notice(machine.fault, "bold red")
        elif machine.stage == "starting":
            self._screen.show_notice(f"{service} from the installed torch, which is still being loaded.")
        return not machine.fault and machine.stage != "starting"

    # --- what a name is ---------------------------------------------------------------------------------------

    def document(self) -> None:
        """Look up what the name at the cursor is."""
        self._screen.clear_notice()
        self.close()
        if self._worker_listens("Documentation comes"):
            self._screen.run_worker(self._document(), group="docs", exclusive=True, exit_on_error=False)

    async def _document(self) -> None:
        from tutor.protocol.codec import Docs, Documented

        row, column = self._editor.cursor_location
        waiting = self._screen.set_timer(PATIENCE, lambda: self._screen.show_notice("Looking it up."))
        answer = await self._context.runs.ask(Docs(self._context.runs.new_id(), self._editor.text, row, column))
        waiting.stop()
        self._screen.clear_notice()
        if not self._screen.is_current:
            return
        if not isinstance(answer, Documented):
            self._screen.show_notice("The worker is not there to answer.", "bold red")
        elif not answer.name:
            nothing = "There is no name under the cursor that anything is known of."
            self._screen.show_notice(answer.note.replace("`", "") or nothing)
        else:
            self._screen.app.push_screen(DocsScreen(answer, self._context.look, self._panes.text_width))
