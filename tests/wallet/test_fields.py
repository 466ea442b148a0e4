import pytest

from lambdas.errors import BadInputError
from lambdas.wallet import fields


@pytest.mark.parametrize(
    ("given", "account"),
    [
        ("ana@example.com", "ana@example.com"),
        ("  Ana@Example.COM\n", "ana@example.com"),
        ("ana+wallet@example.com", "ana+wallet@example.com"),
        ("o'neil.a_b@a-b.example.co.uk", "o'neil.a_b@a-b.example.co.uk"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
    ],
)
def test_email_names_one_account_whatever_its_capitals_and_spaces(given, account):
    assert fields.email(given) == account


@pytest.mark.parametrize(
    "given",
    [
        "@example.com",
        "ana@",
        "ana@.com",
        "ana@example..com",
        "ana@-example.com",
        "ana@example-.com",
        ".ana@example.com",
        "ana.@example.com",
        '"ana x"@example.com',
        "ana@[127.0.0.1]",
        "ana@ex_ample.com",
        "ana@example.com,bob@example.com",
        "Ana <ana@example.com>",
        "a" * 65 + "@example.com",
        "ana@" + "a" * 64 + ".com",
        "ana@bücher.example",
    ],
)
def test_text_that_is_no_email_is_refused_and_not_quoted(given):
    with pytest.raises(BadInputError) as refusal:
        fields.email(given)
    assert refusal.value.message == (
        "email is not an e-mail address; send one like ana@example.com (in a query write + as %2B)"
    )


def test_email_of_254_characters_is_taken_and_one_more_refused():
    longest = "a" * 64 + "@" + ".".join(["b" * 63, "c" * 63, "d" * 57, "com"])
    assert len(longest) == 254
    assert fields.email(longest) == longest
    with pytest.raises(BadInputError, match="longer than 254"):
        fields.email(longest.replace("com", "comm"))


def test_email_made_to_be_slow_to_match_is_refused_at_once():
    with pytest.raises(BadInputError):
        fields.email("a" * 60 + "." * 60 + "@" + "a-" * 60)


def test_letter_that_only_becomes_ascii_in_lower_case_does_not_name_another_ones_account():
    kelvin = "\u212aate@example.com"
    assert kelvin.lower() == "kate@example.com"
    with pytest.raises(BadInputError, match="not an e-mail address"):
        fields.email(kelvin)


@pytest.mark.parametrize("check", [fields.email, fields.username, fields.page_token, fields.digest_tip_address])
def test_half_of_a_surrogate_pair_is_refused_wherever_text_is_taken(check):
    with pytest.raises(BadInputError, match="half of a surrogate pair"):
        check("a\ud800", "field")


@pytest.mark.parametrize("given", ["Ana", "Žofie Nováková", "李小龍", "محمد", "J. R. O'Neil-Smith 3rd", "x" * 100])
def test_username_of_any_script_is_taken(given):
    assert fields.username(given) == given


def test_username_is_kept_trimmed_and_composed():
    assert fields.username("  Zoe\u0301 ") == "Zo\u00e9"


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u200e", "\u202e", "\uffff"])
def test_username_with_a_control_character_is_refused(char):
    with pytest.raises(BadInputError, match="username has control characters"):
        fields.username(f"A{char}na")


def test_username_of_101_characters_is_refused():
    with pytest.raises(BadInputError, match="1 to 100 characters, got 101"):
        fields.username("x" * 101)
