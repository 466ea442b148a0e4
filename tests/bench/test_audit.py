"""What the auditor uses is what the docs say."""

import re

import pytest

from bench import audit
from local import paths

PAGE = paths.ROOT / "docs" / "evidence.md"
COLUMNS = ("read_units", "requests", "s3_requests")


def documented():
    """Give the figures of the page: what for -> milliseconds of the processor, read units, requests, bytes."""
    rows = re.findall(r"^\| (a [a-z ]+) \| ([0-9. |]+) \|$", PAGE.read_text(), re.MULTILINE)
    return {what: [float(figure) for figure in figures.split("|")] for what, figures in rows}


@pytest.fixture(scope="module")
def measured(cloud):
    return dict(audit.uses(cloud.client_options(), accounts=40, digests=12))


def test_an_audit_uses_no_more_than_the_page_says(measured, record_property):
    assert measured.keys() == documented().keys()
    for what, use in measured.items():
        _, *said, _ = documented()[what]
        record_property(f"audit of {what}", f"{use.processor * 1000:.2f} ms of the processor")
        for name, most in zip(COLUMNS, said, strict=True):
            # A run's own share weighs more in a small ledger: half a request for each of few blocks.
            assert getattr(use, name) <= most + 0.5, (what, name)


def test_only_what_a_new_block_changed_is_read_for_it(measured):
    """The block; its document, its pointer, and its index's value: all else is left to the whole pass."""
    assert 3 <= measured["a new block"].read_units < 4.5


def test_a_block_that_is_checked_again_is_read_by_the_page(measured):
    assert measured["a block that is checked again"].requests < 1.5
