"""Reviews that the outputs are tested with, and that the pictures in the docs show."""

from collections.abc import Iterator

from hypothesis import strategies as st

from ivc.policies.policy_finding import PolicyFinding
from ivc.review.model import (
    Action,
    Attribute,
    Count,
    Danger,
    Edge,
    Exposure,
    FileDiff,
    Node,
    Resource,
    Review,
    StackReview,
    Thing,
    Topology,
)
from ivc.words.sentence import Quoted, Sentence, say

PAGE = "https://ivc.example/policies/IVC101"
SERVER = "openstack_compute_instance_v2"


def nothing() -> Review:
    """Nothing changes."""
    return Review((StackReview("shop", unchanged=12),), "both")


def typical() -> Review:
    """A bit of everything."""
    things = (
        Thing(
            kind="instance",
            id="db-2",
            action=Action.DESTROY,
            headline=say(
                "{} will be destroyed, with its root disk; its volume {} stays, attached to nothing",
                "db-2",
                "db-2-data",
            ),
            details=(say("its address {} on {} is given back", "10.0.0.22", "backend"),),
            resources=(
                Resource(f"{SERVER}.db-2", Action.DESTROY),
                Resource("openstack_networking_port_v2.db-2_backend", Action.DESTROY),
            ),
            dangers=(Danger.DESTROY,),
        ),
        Thing(
            kind="instance",
            id="cache-1",
            name="cache-1.shop.example",
            action=Action.WIPE,
            headline=say(
                "{} keeps its id, and its root disk is written anew: image {} becomes {}",
                "cache-1",
                "7d2c9f8a-1b7e-4c0e-9d55-0c3f5d7c1e21",
                "b5e3c1f0-93ad-4a3c-8f7e-2f1d0a6c4b12",
            ),
            details=(say("Terraform's plan calls this an update in place"),),
            resources=(
                Resource(
                    f"{SERVER}.cache-1",
                    Action.WIPE,
                    (
                        Attribute(
                            "image_id", "7d2c9f8a-1b7e-4c0e-9d55-0c3f5d7c1e21", "b5e3c1f0-93ad-4a3c-8f7e-2f1d0a6c4b12"
                        ),
                    ),
                ),
            ),
            dangers=(Danger.WIPE,),
        ),
        Thing(
            kind="instance",
            id="www-1",
            action=Action.REPLACE,
            headline=say(
                "{} will be replaced: user data changed; keeps its addresses {} and {} and its volume {}",
                "www-1",
                "203.0.113.5",
                "10.0.0.11",
                "www-data",
            ),
            details=(
                say("the new server gets the newest image named {}", "Debian 12"),
                say("{} is detached while the server is stopped, and attached to the new one", "www-data"),
            ),
            resources=(
                Resource(
                    f"{SERVER}.www-1",
                    Action.REPLACE,
                    (
                        Attribute("user_data", "(a hash)", "(another hash)", forces_replacement=True),
                        Attribute('metadata["release"]', "2024.1", "2024.2"),
                    ),
                ),
            ),
            user_data=(
                FileDiff(
                    "",
                    "changed",
                    (
                        "@@ -3,7 +3,8 @@",
                        " packages:",
                        "   - nginx",
                        "-  - php8.1-fpm",
                        "+  - php8.2-fpm",
                        "+  - php8.2-mysql",
                        " write_files:",
                        "   - path: /etc/nginx/sites-enabled/shop",
                        "     content: (below)",
                    ),
                ),
                FileDiff(
                    "/etc/nginx/sites-enabled/shop",
                    "changed",
                    (
                        "@@ -1,6 +1,6 @@",
                        " server {",
                        "     listen 80;",
                        "-    server_name shop.example;",
                        "+    server_name shop.example www.shop.example;",
                        "     root /srv/www;",
                        " }",
                    ),
                ),
                FileDiff("/etc/cron.daily/report", "new", ("+#!/bin/sh", "+exec /srv/bin/report --token ********")),
            ),
            dangers=(Danger.REPLACE,),
        ),
        Thing(
            kind="instance",
            id="www-2",
            action=Action.REPLACE,
            headline=say("{} may be replaced: image {} becomes {}", "www-2", "Debian 11", "Debian 12"),
            details=(say("the folders do not tell whether both names mean one image"),),
            resources=(Resource(f"{SERVER}.www-2", Action.REPLACE, certain=False),),
            dangers=(Danger.REPLACE,),
            possible=frozenset({Danger.REPLACE}),
            certain=False,
        ),
        Thing(
            kind="instance",
            id="batch-1",
            action=Action.UPDATE,
            headline=say("the volume {} leaves {} while it runs", "scratch", "batch-1"),
            details=(say("a file system that is mounted then may be damaged"),),
            resources=(Resource("openstack_compute_volume_attach_v2.batch-1_scratch", Action.DESTROY),),
            dangers=(Danger.DETACH,),
        ),
        Thing(
            kind="security group",
            id="web",
            action=Action.UPDATE,
            headline=say("{} lets in {} from anywhere", "web", "tcp 22"),
            resources=(
                Resource("openstack_networking_secgroup_rule_v2.web_in_tcp-22_any_IPv4", Action.CREATE),
                Resource("openstack_networking_secgroup_rule_v2.web_in_tcp-22_any_IPv6", Action.CREATE),
            ),
            exposure=Exposure(
                before=(say("{} at {}", "tcp 80, 443", "203.0.113.5"),),
                after=(say("{} at {}", "tcp 22, 80, 443", "203.0.113.5"),),
                opened=(say("{} at {}", "tcp 22", "203.0.113.5"),),
            ),
            dangers=(Danger.OPEN,),
        ),
        Thing(
            kind="instance",
            id="www-3",
            action=Action.CREATE,
            headline=say(
                "{} is new: image {}, flavor {}, on {} and {}", "www-3", "Debian 12", "b2-7", "Ext-Net", "backend"
            ),
            details=(say("its volume {} is attached at birth", "www-3-data"),),
            resources=(
                Resource(f"{SERVER}.www-3", Action.CREATE),
                Resource("openstack_networking_port_v2.www-3_Ext-Net", Action.CREATE),
                Resource("openstack_networking_port_v2.www-3_backend", Action.CREATE),
            ),
        ),
        Thing(
            kind="instance",
            id="db-1",
            action=Action.UPDATE,
            headline=say("{} is resized from {} to {}: it restarts, its disk stays", "db-1", "b2-15", "b2-30"),
            resources=(Resource(f"{SERVER}.db-1", Action.UPDATE, (Attribute("flavor_id", "b2-15", "b2-30"),)),),
        ),
        Thing(
            kind="network",
            id="backend",
            action=Action.MOVE,
            headline=say("{} was called {}: nothing happens to it", "backend", "internal"),
            resources=(
                Resource(
                    "openstack_networking_network_v2.backend",
                    Action.MOVE,
                    moved_from="openstack_networking_network_v2.internal",
                ),
            ),
        ),
    )
    return Review(
        (
            StackReview(
                "shop",
                things,
                unchanged=5,
                outside=(
                    say("Somebody added the group {} to the port {} by hand", "default", "www-1_backend"),
                    say("Somebody deleted the server {}: it will be made anew", "mail-1"),
                ),
                notes=(say("Quotas were read from {}", "quota.yaml"),),
                counts=(
                    Count("instances", 10, 10, 20),
                    Count("cores", 28, 36, 32),
                    Count("RAM", 98, 120, 256, "GiB"),
                    Count("floating IPs", 2, 2, None),
                ),
                policies=(
                    PolicyFinding(
                        "IVC101",
                        "error",
                        "security group web",
                        say("the world reaches SSH ({})", "tcp 22"),
                        PAGE,
                        file="main.py",
                        line=31,
                        new=True,
                    ),
                    PolicyFinding(
                        "IVC151",
                        "info",
                        "security group db",
                        say("its servers may reach everything"),
                        PAGE,
                        file="main.py",
                        new=False,
                    ),
                    PolicyFinding(
                        "IVC202",
                        "warning",
                        "instance db-1",
                        say("it has a volume and is not protected"),
                        PAGE,
                        waived="its data is replicated to db-3",
                        new=False,
                    ),
                ),
                topology=_topology(),
            ),
        ),
        "both",
    )


def _topology() -> Topology:
    servers = {
        "www_1": Action.REPLACE,
        "www_2": Action.REPLACE,
        "www_3": Action.CREATE,
        "db_1": Action.UPDATE,
        "db_2": Action.DESTROY,
        "cache_1": Action.WIPE,
    }
    backend = {
        "www_1": "10.0.0.11",
        "www_2": "10.0.0.12",
        "www_3": "10.0.0.13",
        "db_1": "10.0.0.21",
        "db_2": "10.0.0.22",
    }
    return Topology(
        nodes=(
            Node("Ext_Net", "network", "Ext-Net", Action.NONE, public=True),
            Node("backend", "network", "backend", Action.MOVE),
            *(Node(server, "instance", server.replace("_", "-"), action) for server, action in servers.items()),
        ),
        edges=(
            Edge("www_1", "Ext_Net", "203.0.113.5", Action.NONE),
            Edge("www_2", "Ext_Net", "203.0.113.6", Action.NONE),
            Edge("www_3", "Ext_Net", "", Action.CREATE),
            *(
                Edge(server, "backend", address, Action.DESTROY if server == "db_2" else Action.NONE)
                for server, address in backend.items()
            ),
            Edge("cache_1", "backend", "", Action.NONE),
        ),
        left_out=4,
    )


def large(*, servers: int = 300, changed: int = 20) -> Review:
    """Many servers, of which some change: the first is destroyed, the others are replaced."""
    diff = FileDiff(
        "/etc/app.conf", "changed", ("@@ -1,40 +1,40 @@", *(f"{'-+ '[n % 3]}setting {n} = on" for n in range(60)))
    )
    things = tuple(
        Thing(
            kind="instance",
            id=f"www-{number}",
            action=Action.REPLACE if number else Action.DESTROY,
            headline=say(
                "{} will be {}: user data changed; keeps its address {} and its volume {}",
                f"www-{number}",
                say("replaced" if number else "destroyed"),
                f"10.0.{number}.7",
                f"www-{number}-data",
            ),
            details=(say("the new server gets the newest image named {}", "Debian 12"),),
            resources=(
                Resource(f"{SERVER}.www-{number}", Action.REPLACE, (Attribute("user_data", "1", "2", True),)),
                *(Resource(f"openstack_networking_port_v2.www-{number}_{net}", Action.UPDATE) for net in "abc"),
            ),
            user_data=(diff, diff),
            dangers=(Danger.REPLACE if number else Danger.DESTROY,),
        )
        for number in range(changed)
    )
    nodes = (
        Node("net", "network", "backend", Action.NONE),
        *(Node(f"s{n}", "instance", thing.id, thing.action) for n, thing in enumerate(things)),
    )
    edges = tuple(Edge(f"s{n}", "net", f"10.0.{n}.7", Action.NONE) for n in range(changed))
    topology = Topology(nodes, edges, left_out=servers - changed)
    return Review((StackReview("farm", things, unchanged=servers - changed, topology=topology),), "folders")


# What a person of ill will might call a server, and what a person of good will might.
HOSTILE = (
    "@everyone",
    "@octocat fixes #123 and GH-7, acme/shop#9",
    "https://evil.example/?q=1 www.evil.example mail@evil.example",
    "![x](https://evil.example/x.png) [y](javascript:alert(1))",
    "# heading",
    "<!-- ivc-review -->",
    "-->",
    "<img src=x onerror=alert(1)>",
    "</details></summary></code></pre></div></style><h1>x</h1>",
    "<script>alert(1)</script>",
    "| a | b |",
    "a|b\\|c\\\\|d",
    "`one` ``two`` ```three``` ~~~~",
    "`",
    "``` ",
    "\n```\n@octocat\n```\n",
    "\r\n\r\n- [ ] task\n\n> [!CAUTION]\n> x\n",
    "\x1b[2J\x1b]8;;https://evil.example\x07link\x1b]8;;\x07\x1b[31m",
    "[bold red]markup[/bold red] [link=https://evil.example]x[/link]",
    "a\u202egnp.exe\u2066\u200b\u200d\ufeff",
    "\x00\x08\x7f\x9b31m",
    "\ud800",
    '"]; end',
    "%%{init: {'theme':'dark'}}%%",
    'click n0 "https://evil.example"',
    'a" --> b["x"]:::danger;',
    "#quot;#35;&quot;&#60;b&#62;&lt;i&gt;",
    "1. one",
    "- two",
    "$x^2$ $`y`$ :tada: [^1] ~~gone~~ **bold** __x__ *y*",
    "{{ 7 * 7 }}{% raw %}{# #}${var.x}%{if}",
    "/close",
    " ",
    "\t",
    "end",
    "0123456789abcdef0123456789abcdef01234567",
    "ünïcödé 名前 🦄",
)


def foreign(text: str) -> Review:
    """A review in which everything that may come from outside is this text, but for policies' pages."""
    words = Sentence(("so ", Quoted(text), " is, and ", Quoted(text)))
    alone = Sentence((Quoted(text),))
    things = tuple(
        Thing(
            kind=text,
            id=text,
            name=text,
            action=action,
            headline=words,
            details=(alone, words),
            resources=(
                Resource(
                    f"{SERVER}.{text}",
                    action,
                    (Attribute(text, text, text, True), Attribute(text, None, text), Attribute(text, text, None)),
                    moved_from=text + "x",
                    imported=text + "x",
                ),
            ),
            user_data=(
                FileDiff("/" + text, "changed", ("@@ -1 +1 @@", "+" + text, "-" + text, " " + text)),
                FileDiff("", "new", ("+" + text,)),
            ),
            exposure=Exposure((words,), (alone,), (alone,)),
            dangers=dangers,
        )
        for action, dangers in ((Action.DESTROY, (Danger.DESTROY, Danger.OPEN)), (Action.UPDATE, ()))
    )
    return Review(
        (
            StackReview(
                text,
                things,
                unchanged=1,
                outside=(words,),
                notes=(alone,),
                counts=(Count(text, 1, 2, 1, "GiB"), Count(text, 1, 2, None)),
                policies=(
                    PolicyFinding(text, "error", text, words, PAGE, text, 1, new=True),
                    PolicyFinding(text, "info", text, alone, PAGE, text, 1, new=False),
                    PolicyFinding(text, "warning", text, words, PAGE, waived=text + "x"),
                ),
                topology=Topology(
                    (Node("a", "network", text, Action.NONE, public=True), Node("b", "instance", text, Action.REPLACE)),
                    (Edge("b", "a", text + "x", Action.CREATE),),
                    left_out=2,
                ),
            ),
            StackReview("other"),
        ),
        "both",
    )


def with_page(page: str) -> Review:
    """A policy's finding, explained on this page."""
    finding = PolicyFinding("IVC101", "error", "web", say("too open"), page, new=True)
    return Review((StackReview("shop", policies=(finding,)),), "folders")


def all_samples() -> Iterator[Review]:
    """Each of the samples above."""
    yield from (nothing(), typical(), large(), Review((), "plan"), foreign("web"))
    yield from map(foreign, HOSTILE)


texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(alphabet="`<>&|\\[]()!*_~#@:/.-\"'$%{};= \n\tab1", max_size=30),
    st.text(max_size=20),
)
_sentences = st.lists(st.one_of(st.builds(Quoted, texts), st.sampled_from([" will be ", "; keeps "])), max_size=4).map(
    lambda parts: Sentence(tuple(parts))
)
_actions = st.sampled_from(Action)


def _tuples(of: st.SearchStrategy[object], most: int = 2) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=most).map(tuple)


_lines = st.builds(
    lambda sign, text, times: sign + text * times, st.sampled_from(["+", "-", " "]), texts, st.integers(1, 40)
)
_attributes = st.builds(Attribute, texts, st.none() | texts, st.none() | texts, st.booleans())
_things = st.builds(
    Thing,
    kind=st.just("instance") | texts,
    id=texts,
    action=_actions,
    headline=_sentences,
    name=st.none() | texts,
    details=_tuples(_sentences),
    resources=_tuples(st.builds(Resource, texts, _actions, _tuples(_attributes), st.none() | texts, st.none() | texts)),
    user_data=_tuples(st.builds(FileDiff, texts, st.sampled_from(["new", "gone", "changed"]), _tuples(_lines, 6))),
    exposure=st.none() | st.builds(Exposure, _tuples(_sentences), _tuples(_sentences), _tuples(_sentences)),
    dangers=st.lists(st.sampled_from(Danger), unique=True, max_size=3).map(tuple),
    possible=st.frozensets(st.sampled_from(Danger), max_size=2),
    certain=st.booleans(),
    module=st.just("") | texts,
)
_numbers = st.none() | st.integers(0, 10**6)
_stacks = st.builds(
    StackReview,
    name=texts,
    # Many of few, as estates are.
    things=st.builds(
        lambda few, times: tuple(few) * times, st.lists(_things, max_size=3), st.sampled_from([1, 1, 1, 7, 60])
    ),
    at_once=_tuples(_sentences),
    unread=_tuples(_sentences),
    unchanged=st.integers(0, 10**6),
    outside=_tuples(_sentences),
    failing=_tuples(_sentences),
    notes=_tuples(_sentences),
    counts=_tuples(st.builds(Count, texts, _numbers, _numbers, _numbers, texts)),
    policies=_tuples(
        st.builds(
            PolicyFinding,
            texts,
            st.sampled_from(["error", "warning", "info"]),
            texts,
            _sentences,
            st.just(PAGE) | texts,
            st.none() | texts,
            st.none() | st.integers(1, 999),
            st.none() | texts,
            st.none() | st.booleans(),
        )
    ),
    topology=st.builds(
        Topology,
        st.lists(
            st.builds(
                Node, st.sampled_from("abcd"), st.sampled_from(["network", "instance"]), texts, _actions, st.booleans()
            ),
            unique_by=lambda node: node.id,
            max_size=4,
        ).map(tuple),
        _tuples(st.builds(Edge, st.sampled_from("abcd"), st.sampled_from("abcd"), texts, _actions), 4),
        st.integers(0, 9),
    ),
)
reviews = st.builds(Review, st.lists(_stacks, max_size=3).map(tuple), st.sampled_from(["folders", "plan", "both"]))
