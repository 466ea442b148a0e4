"""What every store promises (`ledger.store.base.Store`), held against each kind, also under injected faults."""

import contextlib
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.store import Cell, Conflict, Key, TooLarge

A, B, C = (Key("letters", sort) for sort in "abc")
MEGABYTE = bytes(range(256)) * 4096


def put(store, cells):
    """Create cells, as many at once as every store takes."""
    pairs = iter(cells.items())
    while some := dict(itertools.islice(pairs, 100)):
        store.commit(some, dict.fromkeys(some))


def sorts(scan):
    return [key.sort for key, _ in scan]


def test_get_leaves_absent_keys_out_and_takes_duplicates(store):
    put(store, {A: b"1"})
    assert store.get([A, B, A]) == {A: Cell(1, b"1")}
    assert store.get(iter([B])) == {}
    assert store.get([]) == {}


def test_version_starts_at_one_and_grows_by_one_with_each_write(store):
    for before in (None, 1, 2):
        store.commit({A: f"after {before}".encode()}, {A: before})
    assert store.get([A]) == {A: Cell(3, b"after 2")}


@pytest.mark.parametrize("wrong", [1, 3, None])
def test_commit_with_another_version_than_expected_is_a_conflict_on_that_key_and_writes_nothing(store, wrong):
    put(store, {A: b"1", B: b"1"})
    store.commit({B: b"2"}, {B: 1})
    with pytest.raises(Conflict) as caught:
        store.commit({A: b"x", B: b"x", C: b"x"}, {A: 1, B: wrong, C: None})
    assert caught.value.keys == {B}
    assert store.get([A, B, C]) == {A: Cell(1, b"1"), B: Cell(2, b"2")}


def test_commit_that_expects_an_absent_cell_to_be_there_is_a_conflict(store):
    with pytest.raises(Conflict) as caught:
        store.commit({A: b"x", B: b"x"}, {A: 1, B: None})
    assert caught.value.keys == {A}
    assert store.get([A, B]) == {}


def test_conflict_names_every_key_that_was_lost(store):
    put(store, {A: b"1", B: b"1", C: b"1"})
    with pytest.raises(Conflict) as caught:
        store.commit({A: b"x"}, {A: 2, B: None, C: 1})
    assert caught.value.keys == {A, B}


def test_expected_cell_that_is_not_written_is_checked_too_and_keeps_its_version(store):
    put(store, {A: b"1"})
    store.commit({B: b"1"}, {A: 1, B: None, C: None})
    with pytest.raises(Conflict) as caught:
        store.commit({C: b"1"}, {A: 2, C: None})
    assert caught.value.keys == {A}
    assert store.get([A, B, C]) == {A: Cell(1, b"1"), B: Cell(1, b"1")}


def test_deleted_cell_is_absent_and_starts_again_at_version_one(store):
    put(store, {A: b"1", B: b"1"})
    store.commit({A: None, B: b"2"}, {A: 1, B: 1})
    assert store.get([A, B]) == {B: Cell(2, b"2")}
    assert sorts(store.scan("letters")) == ["b"]
    store.commit({A: b"new"}, {A: None})
    assert store.get([A]) == {A: Cell(1, b"new")}


def test_delete_of_a_stale_version_is_a_conflict_and_leaves_the_cell(store):
    put(store, {A: b"1"})
    store.commit({A: b"2"}, {A: 1})
    for stale in (1, None):
        with pytest.raises(Conflict):
            store.commit({A: None}, {A: stale})
    assert store.get([A]) == {A: Cell(2, b"2")}


def test_delete_of_a_cell_expected_absent_does_nothing(store):
    store.commit({A: None}, {A: None})
    assert store.get([A]) == {}


def test_written_key_that_is_not_in_expected_is_refused_and_nothing_is_written(store):
    with pytest.raises(ValueError, match="not in expected"):
        store.commit({A: b"1", B: b"1"}, {A: None})
    assert store.get([A, B]) == {}


def test_expected_version_below_one_is_refused(store):
    with pytest.raises(ValueError, match="versions start at 1"):
        store.commit({}, {A: 0})


def test_negative_scan_limit_is_refused_before_the_first_cell_is_pulled(store):
    with pytest.raises(ValueError, match="limit is -1"):
        store.scan("letters", limit=-1)


@pytest.mark.parametrize("key", [Key("p", "\ud800"), Key("\ud800", "s")])
def test_key_that_utf8_cannot_encode_is_refused(store, key):
    with pytest.raises(ValueError, match="surrogates"):
        store.get([key])
    with pytest.raises(ValueError, match="surrogates"):
        store.commit({key: b""}, {key: None})


def test_commit_without_writes_holds_or_names_the_keys_that_changed(store):
    keys = [Key("many", f"{number:03}") for number in range(130)]
    put(store, dict.fromkeys(keys, b"x"))
    expected = dict.fromkeys(keys, 1) | {A: None}
    store.commit({}, expected)
    store.commit({keys[7]: b"y"}, {keys[7]: 1})
    with pytest.raises(Conflict) as caught:
        store.commit({}, expected)
    assert caught.value.keys == {keys[7]}


def test_commit_of_nothing_that_expects_nothing_is_fine(store):
    store.commit({}, {})


def test_scan_is_ordered_by_utf8_bytes(store):
    # UTF-16 puts U+1F600 before U+FFFD, and most locales put "Z" after "a" and the e with an accent before "z".
    texts = ["", "a", "Z", "z", "\u00e9", "e\u0301", "\ufffd", "\U0001f600", "a\x00", "a b", "10", "9", "a/b", "\x7f"]
    put(store, {Key("texts", text): text.encode() for text in texts})
    ordered = sorted(texts, key=str.encode)
    assert sorts(store.scan("texts")) == ordered
    assert sorts(store.scan("texts", reverse=True)) == ordered[::-1]
    assert sorts(store.scan("texts", start="\ufffd")) == ["\ufffd", "\U0001f600"]
    assert {key.sort: cell.data for key, cell in store.scan("texts")} == {text: text.encode() for text in texts}


RANGES = [
    (start, stop, limit)
    for start in (None, "", "b", "bb", "d")
    for stop in (None, "", "b", "bb", "c", "zz")
    for limit in (None, 0, 1, 2, 9)
]


def test_scan_gives_the_range_from_start_to_before_stop_in_either_direction_up_to_the_limit(store):
    texts = ["", "a", "b", "bb", "c", "d"]
    put(store, {Key("texts", text): b"" for text in texts})
    for start, stop, limit in RANGES:
        inside = [text for text in texts if (start is None or start <= text) and (stop is None or text < stop)]
        options = {"start": start, "stop": stop, "limit": limit}
        assert sorts(store.scan("texts", **options)) == inside[:limit], options
        assert sorts(store.scan("texts", **options, reverse=True)) == inside[::-1][:limit], options


def test_scan_sees_its_own_partition_only(store):
    keys = [Key(name, "s") for name in ("a", "a/", "a/s", "a|b", "", "A", "a%", "a_")]
    put(store, {key: key.partition.encode() for key in keys})
    for key in keys:
        assert list(store.scan(key.partition)) == [(key, Cell(1, key.partition.encode()))]
    assert list(store.scan("b")) == []


@pytest.mark.parametrize("reverse", [False, True])
def test_scan_of_many_cells_gives_each_once_and_is_lazy(store, reverse):
    texts = [f"{number:04}" for number in range(600)]
    put(store, {Key("many", text): b"x" for text in texts})
    scan = store.scan("many", reverse=reverse)
    first, *_ = next(scan)
    far = "9999" if not reverse else ""
    store.commit({Key("many", far): b"late"}, {Key("many", far): None})
    assert [first.sort, *sorts(scan)] == [*(texts[::-1] if reverse else texts), far]


def test_scan_goes_on_while_its_cells_are_changed_and_deleted(store):
    texts = [f"{number:04}" for number in range(300)]
    put(store, {Key("many", text): b"x" for text in texts})
    seen = []
    for key, cell in store.scan("many"):
        seen.append(key.sort)
        store.commit({key: b"y" if len(seen) % 2 else None}, {key: cell.version})
    assert seen == texts
    assert sorts(store.scan("many")) == texts[::2]


def test_value_of_no_bytes_and_of_one_megabyte_come_back_unchanged(store):
    put(store, {A: b"", B: MEGABYTE, C: b"c"})
    expected = {A: Cell(1, b""), B: Cell(1, MEGABYTE), C: Cell(1, b"c")}
    assert store.get([A, B, C]) == expected
    assert store.get([B]) == {B: expected[B]}
    assert dict(store.scan("letters")) == expected


def test_value_that_shrinks_and_grows_is_read_whole_each_time_and_leaves_nothing_when_deleted(store):
    sizes = [10, 1_000_000, 400_000, 700_001, 350_000, 0, 350_001]
    for before, size in enumerate(sizes):
        store.commit({A: MEGABYTE[:size]}, {A: before or None})
        assert store.get([A]) == {A: Cell(before + 1, MEGABYTE[:size])}
    store.commit({A: None}, {A: len(sizes)})
    assert store.get([A]) == {}
    store.commit({A: MEGABYTE[:700_000]}, {A: None})
    assert dict(store.scan("letters")) == {A: Cell(1, MEGABYTE[:700_000])}


def test_stale_write_over_a_large_value_is_a_conflict_and_leaves_it_whole(store):
    store.commit({A: MEGABYTE}, {A: None})
    store.commit({A: MEGABYTE[::-1]}, {A: 1})
    for stale in (1, 3, None):
        with pytest.raises(Conflict) as caught:
            store.commit({A: b"x", B: b"x"}, {A: stale, B: None})
        assert caught.value.keys == {A}
    assert store.get([A, B]) == {A: Cell(2, MEGABYTE[::-1])}


@pytest.mark.parametrize(("count", "size"), [(101, 1), (5, 1_000_000)])
def test_large_commit_is_written_whole_or_is_too_large_and_nothing_is_written(store, count, size):
    cells = {Key("large", str(number)): MEGABYTE[:size] for number in range(count)}
    try:
        store.commit(cells, dict.fromkeys(cells))
        written = cells
    except TooLarge:
        written = {}
    assert {key: cell.data for key, cell in store.scan("large")} == written


def test_increments_of_eight_threads_are_all_counted(store):
    each = 12

    def increment(thread):
        for turn in range(each):
            done = False
            while not done:
                cell, receipt = store.get([A])[A], Key("receipts", f"{thread} {turn}")
                try:
                    store.commit({A: b"%d" % (int(cell.data) + 1), receipt: b""}, {A: cell.version, receipt: None})
                    done = True
                except Conflict:
                    pass

    put(store, {A: b"0"})
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(increment, range(8)))
    assert store.get([A]) == {A: Cell(8 * each + 1, b"%d" % (8 * each))}
    assert len(list(store.scan("receipts"))) == 8 * each


def test_cells_that_are_written_together_are_equal_whenever_their_versions_hold_together(store):
    stopped = threading.Event()

    def write(thread):
        for turn in itertools.count():
            if stopped.wait(0.005):
                return
            cells = store.get([A, B])
            data = f"{thread} {turn}".encode()
            with contextlib.suppress(Conflict):
                store.commit({A: data, B: data}, {key: cell.version for key, cell in cells.items()})

    put(store, {A: b"", B: b""})
    with ThreadPoolExecutor(2) as threads:
        writers = [threads.submit(write, thread) for thread in range(2)]
        held = 0
        try:
            while held < 15:
                cells = store.get([A, B])
                try:
                    store.commit({}, {key: cell.version for key, cell in cells.items()})
                except Conflict:
                    continue
                assert cells[A] == cells[B]
                held += 1
        finally:
            stopped.set()
        for writer in writers:
            writer.result()


def test_counters_count_cells_of_the_calling_thread_only(store):
    put(store, {A: b"1", B: b"1", C: b"1"})
    with ThreadPoolExecutor(1) as thread:
        thread.submit(put, store, {Key("other", "x"): b""}).result()
    reads, writes = store.reads, store.writes
    store.get([A, B, Key("letters", "absent")])
    next(store.scan("letters"))
    assert (store.reads - reads, store.writes - writes) == (3, 0)
    with pytest.raises(Conflict):
        store.commit({A: b"2"}, {A: 9})
    assert store.writes == writes == 3


def test_store_may_be_closed_twice(store):
    store.close()
    store.close()
