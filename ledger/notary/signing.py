"""Who signs: a key that never leaves KMS, or a local one for drills and tests."""

import hmac
import secrets
from hashlib import sha256
from typing import Any, Protocol

from ledger.verification.ecdsa import ORDER, PublicKey, combination, der_signature, hash_number

_ALGORITHM = "ECDSA_SHA_256"


class Signer(Protocol):
    """A private key on P-256 that somebody else holds."""

    @property
    def key_id(self) -> str:
        """What statements name the key by."""

    @property
    def public_key(self) -> PublicKey:
        """What its signatures are checked with."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message, in DER."""


class KmsSigner:
    """An asymmetric KMS key, spec ECC_NIST_P256, usage SIGN_VERIFY. Rights: kms:Sign, kms:GetPublicKey."""

    def __init__(self, client: Any, key_arn: str) -> None:
        """Sign through a boto3 KMS client, and get the public key now.

        Args:
            key_arn: the key's own ARN: an alias could come to stand for another key, and statements name it for years.

        Raises:
            ValueError: it is not a key on P-256.
        """
        self._client = client
        self.key_id = key_arn
        self.public_key = kms_public_key(client, key_arn)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message. Its hash is sent: KMS takes no more than 4096 bytes as they are."""
        digest = sha256(message).digest()
        answer = self._client.sign(KeyId=self.key_id, Message=digest, MessageType="DIGEST", SigningAlgorithm=_ALGORITHM)
        return bytes(answer["Signature"])


def kms_public_key(client: Any, key_arn: str) -> PublicKey:
    """Return the public half of a KMS key.

    Raises:
        ValueError: it is not a key on P-256.
    """
    return PublicKey.from_der(bytes(client.get_public_key(KeyId=key_arn)["PublicKey"]))


class LocalSigner:
    """A key in this process's memory, for drills and tests: its arithmetic takes a time that depends on the key."""

    def __init__(self, key_id: str = "local", secret: int | None = None) -> None:
        """Take a secret number, or make one."""
        self.key_id = key_id
        self._secret = secret or 1 + secrets.randbelow(ORDER - 1)
        point = combination(self._secret, 0, None)
        assert point is not None  # noqa: S101 - for the type checker: the secret is from 1 to the order
        self.public_key = PublicKey(*point)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        number = hash_number(message)
        # The number used once must not be used for another message: from key and message it never is (RFC 6979's idea).
        seed = hmac.digest(self._secret.to_bytes(32, "big"), message, "sha512")
        once = 1 + int.from_bytes(seed, "big") % (ORDER - 1)
        point = combination(once, 0, None)
        assert point is not None  # noqa: S101 - for the type checker
        r = point[0] % ORDER
        return der_signature(r, pow(once, -1, ORDER) * (number + r * self._secret) % ORDER)
