"""Checking a whole journal, as an export gives it: every block, the chain between them, and the digest over all."""

from collections.abc import Sequence

from ledger import ion
from ledger.journal import tree
from ledger.journal.hashing import merkle_root
from ledger.journal.revision import BlockAddress
from ledger.verification.block import check_block
from ledger.verification.shapes import NotProvenError, Step, address, same_hash


class ChainCheck:
    """Takes the blocks of a journal one by one, each strand's in order; strands may be mixed. Needs little memory."""

    def __init__(self, tips: Sequence[BlockAddress] = ()) -> None:
        """Begin with nothing seen.

        Args:
            tips: of a digest, in the order in which it names them; then every strand must be there from block 0 on.
        """
        self._tips = {tip.strand_id: tip.sequence_no for tip in tips}
        self._last: dict[str, tuple[BlockAddress, bytes]] = {}
        self._peaks: dict[str, tuple[bytes, ...]] = {}
        self._roots: dict[str, bytes] = {}

    def take(self, block: ion.Value) -> Step:
        """Check the next block, and that it goes on where its strand's last one ended.

        Raises:
            NotProvenError: it is not what the journal must hold there.
        """
        where = "read a block"
        try:
            for each in check_block(block):
                where = each.found if each.name == "read the block" else where
        except NotProvenError as error:
            raise NotProvenError(f"{error.step} ({where})", error.problem) from None
        place = address(where, block["blockAddress"])
        self._check_link(place, block)
        self._last[place.strand_id] = place, bytes(block["blockHash"])
        if self._tips:
            self._grow(place, bytes(block["blockHash"]))
        return Step("check the block and its link to the one before", where)

    def close(self, digest: bytes) -> Step:
        """Check that the blocks up to the tips are those that `digest` stands for.

        Raises:
            NotProvenError: they are not, or some are missing.
        """
        step = "compare the digest with the root over all blocks"
        if missing := [strand_id for strand_id in self._tips if strand_id not in self._roots]:
            raise NotProvenError(
                step, f"strand {missing[0]} ends before block {self._tips[missing[0]]}, the digest's tip"
            )
        return same_hash(step, digest, merkle_root([self._roots[strand_id] for strand_id in self._tips]))

    def _check_link(self, place: BlockAddress, block: ion.Value) -> None:
        step = f"link block {place.sequence_no} of strand {place.strand_id} to the one before"
        if place.strand_id in self._last:
            before, hash_before = self._last[place.strand_id]
            if place.sequence_no != before.sequence_no + 1:
                raise NotProvenError(
                    step, f"block {before.sequence_no} came before it: some are missing or out of order"
                )
            same_hash(step, bytes(block["previousBlockHash"]), hash_before)
        elif self._tips and place.sequence_no != 0:
            raise NotProvenError(step, "the strand does not begin with block 0, so the digest cannot be computed")

    def _grow(self, place: BlockAddress, block_hash: bytes) -> None:
        peaks = tree.append(place.sequence_no, self._peaks.get(place.strand_id, ()), block_hash).peaks
        self._peaks[place.strand_id] = peaks
        if self._tips.get(place.strand_id) == place.sequence_no:
            self._roots[place.strand_id] = tree.root(peaks)
