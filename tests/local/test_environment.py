from local import environment

USER = {
    "PATH": "/bin",
    "HOME": "/home/ana",
    "AWS_PROFILE": "production",
    "AWS_SESSION_TOKEN": "token",
    "AWS_ENDPOINT_URL_DYNAMODB": "https://elsewhere",
    "AWS_ROLE_ARN": "arn",
    "CDK_DEFAULT_ACCOUNT": "123456789012",
    "HTTPS_PROXY": "http://proxy",
    "LEDGER_TABLE": "mine",
}


def test_environment_for_the_local_cloud_has_nothing_of_the_users_aws_settings():
    local = environment.for_endpoint("http://127.0.0.1:1", USER)
    gone = {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ROLE_ARN", "CDK_DEFAULT_ACCOUNT"}
    assert gone.isdisjoint(local)
    assert local["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert local["AWS_CONFIG_FILE"] == local["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_environment_for_the_local_cloud_keeps_the_rest_and_goes_round_the_proxy():
    local = environment.for_endpoint("http://127.0.0.1:1", USER)
    assert local["HOME"] == "/home/ana"
    assert local["HTTPS_PROXY"] == "http://proxy"
    assert "127.0.0.1" in local["NO_PROXY"].split(",")


def test_functions_of_the_local_cloud_inherit_only_what_every_program_needs():
    assert environment.base(USER) == {"PATH": "/bin"}
