"""The counters of a worker."""

import os

import pytest

from server.web.metrics import Metrics


def test_a_counter_adds_up_by_its_labels() -> None:
    metrics = Metrics()
    metrics.count("codes_total", outcome="wrong")
    metrics.count("codes_total", outcome="wrong")
    metrics.count("codes_total", outcome="right")
    metrics.count("http_request_seconds_total", 0.25, route="/api/join")
    text = metrics.exposition({})
    worker = f'worker="{os.getpid()}"'
    assert f'palabre_codes_total{{{worker},outcome="wrong"}} 2\n' in text
    assert f'palabre_codes_total{{{worker},outcome="right"}} 1\n' in text
    assert f'palabre_http_request_seconds_total{{{worker},route="/api/join"}} 0.25\n' in text
    assert "# TYPE palabre_codes_total counter\n" in text


def test_what_only_grows_is_a_counter_and_the_rest_a_gauge() -> None:
    text = Metrics().exposition({"commits_total": 3.0, "rooms_open": 2.0})
    assert "# TYPE palabre_commits_total counter\n" in text
    assert "# TYPE palabre_rooms_open gauge\n" in text


def test_a_counter_that_nobody_declared_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Metrics().count("anything")


def test_labels_cannot_break_a_line() -> None:
    metrics = Metrics()
    metrics.count("codes_total", outcome='a"b\\c\nd')
    assert r'outcome="a\"b\\c\nd"' in metrics.exposition({})
