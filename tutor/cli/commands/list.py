"""``tutor list``: chapters and lessons, with what is done."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import closing

from tutor.cli.errors import Refusal
from tutor.cli.gate import as_json
from tutor.cli.home import own_home
from tutor.cli.pack import Pack
from tutor.curriculum.catalog import Catalog
from tutor.render.learner.lesson_list import State


def command(options: argparse.Namespace) -> int:
    """Print the pack's contents."""
    catalog = options.pack.catalog
    if not catalog.entries:
        raise Refusal(f"There are no lessons in {catalog.folder}. Try `tutor doctor`.", status=3)
    states = _states(catalog, options.pack)
    if options.json:
        print(as_json(_contents(catalog, states)))
        return 0
    from tutor.cli.output import page
    from tutor.render.learner.lesson_list import listing

    paper = page()
    paper.draw(listing([(chapter.title, chapter.entries) for chapter in catalog.chapters], states, paper.look))
    return 0


def _states(catalog: Catalog, pack: Pack) -> dict[str, State]:
    """How each lesson stands; asking makes no database."""
    from tutor.learner.progress import places
    from tutor.learner.store import Store

    with closing(Store.open(own_home(pack), make=False)) as store:
        standings, last = store.standings(), store.last_lesson()
    return dict(places([chapter.ids for chapter in catalog.chapters], standings, last))


def _contents(catalog: Catalog, states: Mapping[str, State]) -> dict[str, object]:
    return {
        "title": catalog.title,
        "chapters": [
            {
                "id": chapter.id,
                "title": chapter.title,
                "about": chapter.about,
                "lessons": [
                    {
                        "id": entry.id,
                        "number": entry.number,
                        "title": entry.title,
                        "state": states.get(entry.id, "new"),
                        "file": str(entry.path),
                    }
                    for entry in chapter.entries
                ],
            }
            for chapter in catalog.chapters
        ],
    }
