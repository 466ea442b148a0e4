import pytest

from tests.examples.example import invoked


@pytest.fixture(scope="module")
def notes(example, cloud):
    function = example("ledger_alone").deployed(cloud)["ledger-alone"]["Function"]
    return lambda **event: sorted(invoked(cloud, function, event))


def test_notes_are_written_and_read_by_their_author(notes):
    assert notes(author="ana", text="buy milk") == ["buy milk"]
    assert notes(author="ana", text="call Ben") == ["buy milk", "call Ben"]
    assert notes(author="ana") == ["buy milk", "call Ben"]
    assert notes(author="ben") == []
