"""The functions behind the wallet's API, one a call: parse, one call of the wallet, answer."""

from __future__ import annotations

import functools
import os

from lambdas import gateway
from lambdas.gateway import Answer, Event
from lambdas.wallet import connection, requests
from lambdas.wallet.calls import call
from lambdas.wallet.idempotency import key_of
from lambdas.wallet.settings import Settings
from lambdas.wallet.verification import Verification
from lambdas.wallet.wallet import Wallet


@functools.cache
def wallet() -> Wallet:
    """Give the wallet that the environment names, connected once for as long as the process is kept warm."""
    return connection.open_wallet(Settings.read(os.environ))


@functools.cache
def verification() -> Verification:
    """Give what proves the wallet's ledger, connected once likewise."""
    return connection.open_verification(Settings.read(os.environ))


@call("createaccount")
def create_account(event: Event) -> Answer:
    """POST /createaccount."""
    return wallet().create_account(requests.CreateAccount.parse(gateway.json_object(event)), key_of(event))


@call("checkfunds")
def check_funds(event: Event) -> Answer:
    """POST /checkfunds with a body, GET /checkfunds with a query."""
    body = gateway.query(event) if event.get("httpMethod") == "GET" else gateway.json_object(event)
    return wallet().check_funds(requests.CheckFunds.parse(body))


@call("addfunds")
def add_funds(event: Event) -> Answer:
    """POST /addfunds."""
    return wallet().add_funds(requests.AddFunds.parse(gateway.json_object(event)), key_of(event))


@call("withdrawfunds")
def withdraw_funds(event: Event) -> Answer:
    """POST /withdrawfunds."""
    return wallet().withdraw_funds(requests.WithdrawFunds.parse(gateway.json_object(event)), key_of(event))


@call("transferfunds")
def transfer_funds(event: Event) -> Answer:
    """POST /transferfunds."""
    return wallet().transfer_funds(requests.TransferFunds.parse(gateway.json_object(event)), key_of(event))


@call("history")
def history(event: Event) -> Answer:
    """POST /history."""
    return wallet().history(requests.History.parse(gateway.json_object(event)))


@call("digest")
def digest(event: Event) -> Answer:
    """POST /digest."""
    requests.Digest.parse(gateway.json_object(event))
    return verification().digest()


@call("verify")
def verify(event: Event) -> Answer:
    """POST /verify."""
    return verification().verify(requests.Verify.parse(gateway.json_object(event)))
