"""The custom resource behind `LedgerTables`: called by the CDK's Provider framework while a stack deploys.

Creation and update are one and the same: the ledger and what is listed is created unless it is there. A deletion, and
so a rollback of a creation, changes nothing: data outlives the stack. Whatever fails is raised at once; the framework
hands the exception's text to CloudFormation as the reason, and rolls back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from custom_resources.ledger_tables import tables
from custom_resources.ledger_tables.properties import Properties, PropertyError
from ledger import settings
from ledger.driver import driver_of
from ledger.ledger import Ledger
from ledger.store import DynamoDBStore, Store

logger = Logger()

Event = Mapping[str, Any]


def on_event(event: Event, _context: Any) -> dict[str, Any]:
    """Answer a Create, Update or Delete event with the physical id, which depends on the ledger's name alone.

    Any other id would make CloudFormation delete what it takes for the old resource. Raises PropertyError,
    CannotDropError, ValueError and StoreError from the ledger, and what pyqldb raises.
    """
    if event["RequestType"] == "Delete":
        logger.info("the ledger and its tables stay as they are", request_type="Delete")
        return {"PhysicalResourceId": event["PhysicalResourceId"]}
    properties = Properties.parse(event["ResourceProperties"])
    bring_about(open_store(properties), properties)
    logger.info("the ledger has its tables", request_type=event["RequestType"])
    return {
        "PhysicalResourceId": f"{properties.ledger_name}-tables",
        "Data": {"LedgerName": properties.ledger_name},
    }


def open_store(properties: Properties) -> Store:
    """Give the store that holds the ledger's cells."""
    return DynamoDBStore(properties.ledger_table, namespace=properties.ledger_name)


def bring_about(store: Store, properties: Properties) -> None:
    """Make the ledger in `store` what the properties say. Whatever is refused is refused before anything is changed."""
    strands = len(settings.create(store, properties.ledger_name, strands=properties.strands).strands)
    if strands != properties.strands:
        raise PropertyError(
            f"Strands is {properties.strands}, but the ledger was created with {strands}, for good; write {strands}"
        )
    # A function is frozen when it answers, so it cannot leave the building of an index to the background.
    ledger = Ledger(store, properties.ledger_name, work_in_background=False)
    connection = driver_of(ledger)
    try:
        if properties.drop_unlisted_indexes:
            tables.drop_unlisted_indexes(connection, properties.tables)
        tables.create_missing(connection, properties.tables)
        ledger.complete_work()
    finally:
        connection.close()
