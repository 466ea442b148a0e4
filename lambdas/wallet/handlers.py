"""The functions behind the wallet's API, one a call: who calls, parse, one call of the wallet, answer."""

from __future__ import annotations

import functools
import os

from lambdas import gateway
from lambdas.gateway import Answer, Event
from lambdas.wallet import connection, receipts, requests
from lambdas.wallet.access import Access
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


@functools.cache
def access() -> Access:
    """Give the rule about whose wallet a caller may use, read once likewise."""
    return Access.read(os.environ)


@call("createaccount")
def create_account(event: Event) -> Answer:
    """POST /createaccount."""
    caller = access().caller(event)
    request = caller.own(requests.CreateAccount.parse(gateway.json_object(event)))
    return wallet().create_account(request, caller.key(key_of(event)), receipt=receipts.is_asked_for(event))


@call("checkfunds")
def check_funds(event: Event) -> Answer:
    """POST /checkfunds with a body, GET /checkfunds with a query."""
    caller = access().caller(event)
    body = gateway.query(event) if event.get("httpMethod") == "GET" else gateway.json_object(event)
    return wallet().check_funds(caller.own(requests.CheckFunds.parse(body)))


@call("addfunds")
def add_funds(event: Event) -> Answer:
    """POST /addfunds."""
    caller = access().caller(event)
    request = caller.own(requests.AddFunds.parse(gateway.json_object(event)))
    return wallet().add_funds(request, caller.key(key_of(event)), receipt=receipts.is_asked_for(event))


@call("withdrawfunds")
def withdraw_funds(event: Event) -> Answer:
    """POST /withdrawfunds."""
    caller = access().caller(event)
    request = caller.own(requests.WithdrawFunds.parse(gateway.json_object(event)))
    return wallet().withdraw_funds(request, caller.key(key_of(event)), receipt=receipts.is_asked_for(event))


@call("transferfunds")
def transfer_funds(event: Event) -> Answer:
    """POST /transferfunds."""
    caller = access().caller(event)
    request = caller.own(requests.TransferFunds.parse(gateway.json_object(event)))
    asked = receipts.is_asked_for(event)
    return caller.shown(wallet().transfer_funds(request, caller.key(key_of(event)), receipt=asked))


@call("history")
def history(event: Event) -> Answer:
    """POST /history."""
    caller = access().caller(event)
    return wallet().history(caller.own(requests.History.parse(gateway.json_object(event))))


@call("digest")
def digest(event: Event) -> Answer:
    """POST /digest."""
    caller = access().caller(event)
    request = caller.own(requests.Digest.parse(gateway.json_object(event)))
    return verification().digest(request)


@call("proof")
def proof(event: Event) -> Answer:
    """POST /proof."""
    caller = access().caller(event)
    request = caller.own(requests.Proof.parse(gateway.json_object(event)))
    return verification().proof(request, owner=caller.email)


@call("verify")
def verify(event: Event) -> Answer:
    """POST /verify."""
    caller = access().caller(event)
    return verification().verify(caller.own(requests.Verify.parse(gateway.json_object(event))))
