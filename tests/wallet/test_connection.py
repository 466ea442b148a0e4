from lambdas.wallet import connection

GATEWAY_WAITS_SECONDS = 29


def test_longest_pauses_of_all_retries_leave_most_of_the_gateways_time_to_the_call(monkeypatch):
    monkeypatch.setattr(connection.random, "uniform", lambda _low, high: high)
    retries = connection.retries()
    pauses = [retries.custom_backoff(attempt, None, None) for attempt in range(1, retries.retry_limit + 1)]
    assert pauses[:4] == [20, 40, 80, 160]
    assert sum(pauses) / 1000 < GATEWAY_WAITS_SECONDS / 4


def test_conflicting_calls_do_not_come_back_in_step():
    backoff = connection.retries().custom_backoff
    assert len({backoff(5, None, None) for _ in range(20)}) > 10
