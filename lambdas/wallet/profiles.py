"""The profile table: who the users are, beside the ledger, which holds what they own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from lambdas import tracing

logger = Logger(child=True)

LEFT_ALONE_SECONDS = 10


class Profiles(Protocol):
    """Where profiles are kept."""

    def ensure(self, email: str, username: str) -> bool:
        """Make sure that the user has a profile; one that is there stays as it is. False if that is not known."""
        ...


class DynamoDBProfiles:
    """Profiles as items `{email, username}` of a DynamoDB table whose key is `email`.

    After a failure the table is left alone for ten seconds: calls wait for it inside their transactions, which run
    again when they conflict, and would wait each time.
    """

    def __init__(self, client: Any, table_name: str, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Use this boto3 client, which should have short timeouts, on a table that exists."""
        self._client = client
        self._table_name = table_name
        self._seconds = seconds
        self._left_alone_until = 0.0

    def ensure(self, email: str, username: str) -> bool:
        """Put the profile if there is none. A failure is logged without the user's data, and never raised.

        The account is in the ledger by then, so the call has to succeed; its document says that the profile is
        pending until a later call on the account has seen it written.
        """
        if self._seconds() < self._left_alone_until:
            return False
        try:
            with tracing.subsegment("profile"):
                self._client.put_item(
                    TableName=self._table_name,
                    Item={"email": {"S": email}, "username": {"S": username}},
                    ConditionExpression="attribute_not_exists(email)",
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return True
        except (ClientError, BotoCoreError) as error:
            self._left_alone_until = self._seconds() + LEFT_ALONE_SECONDS
            logger.warning("the profile was not written; a later call on the account will", error=type(error).__name__)
            return False
        return True
