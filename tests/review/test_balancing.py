"""How what a load balancer does is said."""

from __future__ import annotations

from typing import Any

import pytest

from ivc.estate.model import L7Rule, Listener, Pool, Route
from ivc.review import balancing

API = Pool("openstack_lb_pool_v2.site_api", "api", "HTTP", ())


def rule(type_: str, compare_type: str, value: str, **said: Any) -> L7Rule:
    return L7Rule(type_, compare_type, value, **said)


BETA = rule("HEADER", "EQUAL_TO", "beta", key="X-Ring")
SECRET = "gAAAAABmWk3xQ2b8nP4vT7sLrYc1"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([rule("PATH", "STARTS_WITH", "/v1/")], "/v1/*"),
        ([rule("PATH", "EQUAL_TO", "/v1")], "/v1"),
        ([rule("PATH", "CONTAINS", "old")], "*old*"),
        ([rule("PATH", "REGEX", "^/v[12]/")], "what fits ^/v[12]/"),
        ([rule("HOST_NAME", "ENDS_WITH", ".example.com")], "*.example.com"),
        ([rule("PATH", "STARTS_WITH", "/v1"), rule("HOST_NAME", "EQUAL_TO", "a.example")], "a.example/v1*"),
        ([rule("PATH", "EQUAL_TO", "/x", inverted=True)], "not /x"),
        ([rule("FILE_TYPE", "EQUAL_TO", "jpg")], "file type jpg"),
        ([BETA, rule("PATH", "STARTS_WITH", "/")], "header X-Ring of beta and /*"),
        ([rule("HEADER", "EQUAL_TO", SECRET, key="X-Auth-Token")], "header X-Auth-Token of (sensitive)"),
        ([], "any request"),
    ],
)
def test_which_requests_a_route_is_about(rules: list[L7Rule], said: str) -> None:
    one = Route("a", "a", "REDIRECT_TO_POOL", tuple(rules), pool=API.address)
    assert str(balancing.route(one, [API])) == f"{said} → pool api"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"action": "REDIRECT_TO_POOL", "pool": "1b9d"}, "pool 1b9d"),
        ({"action": "REDIRECT_TO_URL", "redirect": "https://a.example/", "code": 302}, "https://a.example/ (302)"),
        ({"action": "REDIRECT_PREFIX", "redirect": "https://a.example"}, "the same path at https://a.example"),
        ({"action": "REJECT"}, "refused (403)"),
        ({"action": "REDIRECT_TO_POOL"}, "nowhere"),
    ],
)
def test_where_a_route_leads(given: dict[str, Any], said: str) -> None:
    assert str(balancing.route(Route("a", "a", rules=(), **given), [API])) == f"any request → {said}"


def test_what_no_route_is_about_is_told_last() -> None:
    routed = Route("a", "a", "REJECT", (rule("PATH", "STARTS_WITH", "/admin"),))
    listener = Listener("l", "HTTP", 80, (None,), pool=API.address, routes=(routed,))
    assert [str(one) for one in balancing.leads(listener, [API])] == ["/admin* → refused (403)", "all else → pool api"]
