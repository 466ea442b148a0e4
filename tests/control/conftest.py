"""The ledgers of the ledger's own tests."""

from tests.ledger.conftest import client, ledger, local_client, local_ledger  # noqa: F401 - fixtures
from tests.store.conftest import dynamodb, new_dynamodb_store, table  # noqa: F401 - fixtures
