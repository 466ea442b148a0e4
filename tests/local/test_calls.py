import json
import shlex

from local import calls

OUTPUTS = {
    "captable1-ledger": {"QLDBLedgerName": "captable1"},
    "captable1-wallet": {
        "CreateaccountApi": "https://1a2b3c.execute-api.us-east-1.amazonaws.com/funds/createaccount",
        "Site": "https://example.com/funds/",
    },
}
LOCAL = "http://127.0.0.1:4566/_aws/execute-api/1a2b3c/funds"


def test_urls_of_the_api_become_those_of_the_local_cloud_and_other_values_stay():
    local = calls.localised(OUTPUTS, "http://127.0.0.1:4566")
    assert local["captable1-wallet"] == {
        "CreateaccountApi": f"{LOCAL}/createaccount",
        "Site": "https://example.com/funds/",
    }
    assert local["captable1-ledger"] == OUTPUTS["captable1-ledger"]


def test_base_url_is_that_of_the_stage_on_aws_and_here():
    assert calls.api_url(OUTPUTS) == "https://1a2b3c.execute-api.us-east-1.amazonaws.com/funds"
    assert calls.api_url(calls.localised(OUTPUTS, "http://127.0.0.1:4566")) == LOCAL


def test_outputs_without_an_api_have_no_base_url():
    assert calls.api_url({"stack": {"Name": "x"}}) is None
    assert calls.api_url({}) is None


def test_curl_lines_are_one_shell_line_each_and_name_every_call():
    lines = calls.curl_lines(LOCAL, calls.LOCAL_SIGNER)
    assert not any("\n" in line for line in lines)
    urls = [next(word for word in shlex.split(line) if word.startswith("http")) for line in lines]
    called = {url.removeprefix(f"{LOCAL}/") for url in urls}
    posts = {"createaccount", "checkfunds", "addfunds", "withdrawfunds", "transferfunds", "history"}
    posts |= {"digest", "verify", "addfunds?receipt=true"}
    assert called == posts | {"checkfunds?email=ana%40example.com"}


def test_curl_lines_send_json_and_sign_for_the_local_cloud():
    words = shlex.split(calls.curl_lines(LOCAL, calls.LOCAL_SIGNER)[3])
    assert json.loads(words[words.index("-d") + 1]) == {"email": "ana@example.com", "AddFunds": 250}
    assert words[words.index("--aws-sigv4") + 1] == "aws:amz:us-east-1:execute-api"
    assert words[words.index("--user") + 1] == "000000000000:local"


def test_curl_lines_for_aws_take_the_credentials_from_the_shell_and_show_none(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "do not show")
    line = calls.curl_lines("https://x", calls.aws_signer("eu-west-1"))[0]
    assert "aws:amz:eu-west-1:execute-api" in line
    assert '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"' in line
    assert "do not show" not in line
