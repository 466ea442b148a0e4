"""How much of the journal a digest and a proof read: cells, counted, at journals of very different lengths."""

import random
from itertools import product
from math import log2

import pytest

from bench.journal import make
from ledger import ion
from ledger.control.addresses import written
from ledger.control.block import get_block
from ledger.control.digest import get_digest
from ledger.control.revision import get_revision
from ledger.journal import tree
from ledger.journal.cell import read_block, read_leaf
from ledger.journal.hashing import merkle_root
from ledger.journal.proof import fold
from ledger.journal.revision import BlockAddress
from ledger.store import SQLiteStore
from ledger.strand import block_key, tip
from tests.depth import DEEP
from tests.verifier.test_flipped_bits import flipped, flips
from tests.verifier.verdicts import is_proven

LENGTHS = [10**2, 10**4, *([10**6] if DEEP else [])]


class CountingStore:
    """A store that counts batches; cells it counts itself."""

    def __init__(self, store) -> None:
        self.store = store
        self.batches = 0

    def __getattr__(self, name):
        return getattr(self.store, name)

    def get(self, keys):
        self.batches += 1
        return self.store.get(keys)


@pytest.fixture(scope="session")
def journals(tmp_path_factory):
    """Gives ledgers with long journals, each made once."""
    made = {}

    def journal(length, strands):
        if (length, strands) not in made:
            store = SQLiteStore(tmp_path_factory.mktemp("bench") / "bench.db")
            made[length, strands] = make(store, length, strands=strands)
            made[length, strands].store = CountingStore(store)
        return made[length, strands]

    yield journal
    for ledger in made.values():
        ledger.store.close()


@pytest.fixture(params=product(LENGTHS, [1, 4]), ids=lambda both: f"{both[0]}-{both[1]}-strands")
def ledger(request, journals):
    return journals(*request.param)


def document_in(ledger, address):
    key = block_key(address)
    return read_block(ledger.store.get([key])[key].data).block.revisions[0].metadata.id


def root_at(ledger, strand_id, sequence_no):
    """The root over a strand's blocks up to one of them, from its cell; test_digest has it recomputed from all."""
    key = block_key(BlockAddress(strand_id, sequence_no))
    return tree.root(read_leaf(ledger.store.get([key])[key].data).growth.peaks)


def cells_read(ask, ledger, *arguments):
    before = ledger.store.reads, ledger.store.batches
    answer = ask(ledger, *arguments)
    return answer, ledger.store.reads - before[0], ledger.store.batches - before[1]


def test_digest_reads_one_cell_a_strand_and_a_proof_a_logarithm_in_one_batch(ledger):
    digest, cells, _ = cells_read(get_digest, ledger)
    strands = len(ledger.settings.strands)
    assert cells == strands
    most = 0
    for strand_id in ledger.settings.strands:
        last = tip(ledger.store, strand_id).address.sequence_no
        numbers = {0, 1, last, last - 1, *random.choices(range(last), k=30)}
        for number in numbers:
            address = written([BlockAddress(strand_id, number)])
            shown, cells, batches = cells_read(get_block, ledger, address, digest.tip_address)
            assert batches == 1
            assert fold(shown.block["blockHash"], shown.proof) == digest.digest
            most = max(most, cells)
            assert cells <= log2(last + 1) + 2 + strands
    assert most >= log2(last) / 2


def test_an_old_tip_costs_no_more_than_a_new_one_and_gives_the_digest_that_it_had(ledger):
    strand_id, *others = ledger.settings.strands
    last = tip(ledger.store, strand_id).address.sequence_no
    ends = [tip(ledger.store, other).address for other in others]
    for old in random.choices(range(3, last), k=10):
        number = random.randrange(2, old)
        tips = written([BlockAddress(strand_id, old), *ends])
        address = BlockAddress(strand_id, number)
        document_id = document_in(ledger, address)
        shown, cells, batches = cells_read(get_revision, ledger, written([address]), document_id, tips)
        assert fold(shown.revision["hash"], shown.proof) == shown.digest
        assert batches == 1
        assert cells <= log2(old + 1) + 3 + len(others)
        assert shown.digest == merkle_root([root_at(ledger, strand_id, old), *(root_at(ledger, *end) for end in ends)])


def test_a_flipped_bit_is_caught_in_a_long_journal_too(ledger):
    digest = get_digest(ledger)
    for _ in range(15):
        strand_id = random.choice(ledger.settings.strands)
        number = random.randrange(tip(ledger.store, strand_id).address.sequence_no)
        answer = get_block(ledger, written([BlockAddress(strand_id, number)]), digest.tip_address)
        block, proof = (ion.loads(ion.dumps(each)) for each in (answer.block, answer.proof))
        assert is_proven("block", block, proof, digest.digest)
        assert not is_proven("block", block, proof, flipped(digest.digest, random.randrange(256)))
        for changed in flips(block, 5, everything=False):
            assert not is_proven("block", changed, proof, digest.digest)
        for changed in flips(proof, 5, everything=False):
            assert not is_proven("block", block, changed, digest.digest)
