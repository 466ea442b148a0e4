"""Signatures on P-256: those of openssl and KMS are accepted, anything else is not."""

import subprocess

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.notary.signing import KmsSigner, LocalSigner
from ledger.verification.ecdsa import ORDER, PublicKey, der_signature
from tests.depth import examples

# RFC 6979, A.2.5: key, message, and a signature by somebody else's hand.
KEY = PublicKey(
    0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6,
    0x7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299,
)
R = 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
S = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8


def test_signature_of_the_standard_is_the_keys():
    assert KEY.has_signed(b"sample", der_signature(R, S))
    assert not KEY.has_signed(b"sampl", der_signature(R, S))


@pytest.mark.parametrize(
    ("r", "s"), [(0, S), (R, 0), (ORDER, S), (R, ORDER), (R + ORDER, S), (R, S + ORDER), (S, R), (0, 0), (1, 1)]
)
def test_numbers_that_are_no_signature_are_refused(r, s):
    if max(r, s) < 2**264:
        assert not KEY.has_signed(b"sample", der_signature(r, s))


@given(st.integers(min_value=0, max_value=8 * 72 - 1))
@settings(max_examples=examples(30))
def test_any_flipped_bit_makes_a_signature_invalid(bit):
    signature = bytearray(der_signature(R, S))
    if bit // 8 < len(signature):
        signature[bit // 8] ^= 1 << bit % 8
        assert not KEY.has_signed(b"sample", bytes(signature))


@pytest.mark.parametrize("signature", [b"", b"\x30", bytes(8), bytes(72), b"\x30\xff" + bytes(70)])
def test_bytes_that_are_no_signature_are_refused(signature):
    assert not KEY.has_signed(b"sample", signature)


def test_longer_spelling_of_the_same_numbers_is_refused():
    spelled = der_signature(R, S)
    padded = b"\x30" + bytes((len(spelled) - 1,)) + b"\x02\x22\x00" + spelled[4:]
    assert not KEY.has_signed(b"sample", padded)
    assert not KEY.has_signed(b"sample", spelled + b"\x00")


def test_key_in_pem_is_the_one_that_openssl_reads_and_its_signatures_are_accepted(tmp_path):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "message").write_bytes(b"hello")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "key.pem")
    openssl("ec", "-in", "key.pem", "-pubout", "-out", "public.pem")
    openssl("dgst", "-sha256", "-sign", "key.pem", "-out", "signature", "message")
    written = (tmp_path / "public.pem").read_text()
    key = PublicKey.from_pem(written)
    assert key.to_pem() == written
    assert key.has_signed(b"hello", (tmp_path / "signature").read_bytes())
    ours = LocalSigner()
    (tmp_path / "ours.pem").write_text(ours.public_key.to_pem())
    (tmp_path / "ours").write_bytes(ours.sign(b"hello"))
    openssl("dgst", "-sha256", "-verify", "ours.pem", "-signature", "ours", "message")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no key",
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
        KEY.to_pem().replace("PUBLIC", "PRIVATE"),
        KEY._replace(y=KEY.y ^ 1).to_pem(),
        KEY.to_pem().replace("MFkw", "MFkx"),
    ],
)
def test_text_that_is_no_public_key_on_the_curve_is_refused(text):
    with pytest.raises(ValueError, match=r"not a public key|padding|alphabet"):
        PublicKey.from_pem(text)


def test_kms_key_signs_statements_of_any_length(cloud):
    client = boto3.client("kms", **cloud.client_options())
    arn = client.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    signer = KmsSigner(client, arn)
    for message in (b"short", bytes(10_000)):
        assert signer.public_key.has_signed(message, signer.sign(message))
    client.close()


def test_kms_key_on_another_curve_is_refused(cloud):
    client = boto3.client("kms", **cloud.client_options())
    arn = client.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    with pytest.raises(ValueError, match="not a public key on the curve P-256"):
        KmsSigner(client, arn)
    client.close()
