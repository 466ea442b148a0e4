"""The page about the console names what is there."""

import argparse
import re

from ledger.cli import console
from local import paths

DOCS = paths.ROOT / "docs"
PAGE = (DOCS / "console.md").read_text()
MOST_BYTES = 1_500_000


def test_every_option_is_named_on_the_page_and_no_other():
    parser = argparse.ArgumentParser()
    console.add_arguments(parser)
    options = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) == options - {"--help"}


def test_every_picture_is_on_the_page_with_words_for_those_who_do_not_see_it():
    shown = re.findall(r"!\[(.+?)\]\((images/[\w.-]+)\)|<img src=\"(images/[\w.-]+)\" alt=\"(.+?)\"", PAGE)
    names = {one or other for _, one, other, _ in shown}
    assert names == {path.relative_to(DOCS).as_posix() for path in (DOCS / "images").glob("console-*.png")}
    assert all(len(words) > 20 for first, _, _, last in shown for words in (first or last,))


def test_pictures_are_small():
    assert sum(path.stat().st_size for path in (DOCS / "images").glob("console-*.png")) < MOST_BYTES


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([\w./-]+)\)", PAGE):
        assert (DOCS / target).exists(), target
