"""A review for programs: JSON, as `docs/review.schema.json` describes it."""

from __future__ import annotations

import json
from typing import Any

from ivc.policies.policy_finding import PolicyFinding
from ivc.review.model import (
    Attribute,
    Count,
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
from ivc.review.output import wording
from ivc.words.sentence import Sentence, joined

# Raised where a program that read the older one would read the newer wrongly; new fields may come without.
VERSION = 2


def render(review: Review) -> str:
    """The review as JSON, indented, in ASCII: whatever came from outside, a terminal that shows it obeys nothing."""
    return json.dumps(_review(review), indent=2) + "\n"


def _review(review: Review) -> dict[str, Any]:
    glance = joined(filter(None, (wording.verdict(review), wording.rest_at_a_glance(review))))
    return {
        "version": VERSION,
        "source": review.source,
        "no_changes": review.no_changes,
        "unread": review.unread,
        "summary": str(glance),
        "danger_counts": {danger.value: count for danger, count in wording.danger_counts(review).items()},
        "dangers": [
            {
                "danger": danger.value,
                "stack": stack.name,
                "kind": thing.kind,
                "id": thing.id,
                "certain": danger not in thing.possible,
                "headline": str(thing.headline),
            }
            for stack in review.stacks
            for group in wording.dangerous(stack.things)
            for thing in group.things
            for danger in wording.dangers_of(thing)
        ],
        "quota_exceeded": bool(wording.exceeded(review)),
        "stacks": [_stack(stack) for stack in review.stacks],
    }


def _stack(stack: StackReview) -> dict[str, Any]:
    things = [thing for group in wording.dangerous(stack.things) for thing in group.things]
    findings = wording.by_news(stack.policies)
    return {
        "name": stack.name,
        "at_once": _sentences(stack.at_once),
        "unread": _sentences(stack.unread),
        "unchanged_servers": stack.unchanged,
        "things": [_thing(thing) for thing in (*things, *wording.harmless(stack.things))],
        "outside": _sentences(stack.outside),
        "failing": _sentences(stack.failing),
        "notes": _sentences(stack.notes),
        "quota": [_count(count) for count in wording.by_need(stack.counts)],
        "policies": [_finding(finding) for finding in (*findings.new, *findings.old, *findings.waived)],
        "topology": _topology(stack.topology),
    }


def _thing(thing: Thing) -> dict[str, Any]:
    return {
        "kind": thing.kind,
        "id": thing.id,
        "name": thing.name,
        "module": thing.module,
        "action": thing.action.value,
        "dangers": [danger.value for danger in wording.dangers_of(thing)],
        "possible": [danger.value for danger in wording.dangers_of(thing) if danger in thing.possible],
        "certain": thing.certain,
        "headline": str(thing.headline),
        "details": _sentences(thing.details),
        "user_data": [_diff(diff) for diff in thing.user_data],
        "exposure": None if thing.exposure is None else _exposure(thing.exposure),
        "resources": [_resource(resource) for resource in thing.resources],
    }


def _diff(diff: FileDiff) -> dict[str, Any]:
    added, removed = diff.counts
    return {
        "path": diff.path,
        "change": diff.change,
        "added": added,
        "removed": removed,
        "lines": list(diff.lines),
    }


def _exposure(exposure: Exposure) -> dict[str, Any]:
    return {
        "before": _sentences(exposure.before),
        "after": _sentences(exposure.after),
        "opened": _sentences(exposure.opened),
    }


def _resource(resource: Resource) -> dict[str, Any]:
    return {
        "address": resource.address,
        "action": resource.action.value,
        "certain": resource.certain,
        "moved_from": resource.moved_from,
        "imported": resource.imported,
        "attributes": [_attribute(attribute) for attribute in resource.attributes],
    }


def _attribute(attribute: Attribute) -> dict[str, Any]:
    return {
        "path": attribute.path,
        "before": attribute.before,
        "after": attribute.after,
        "forces_replacement": attribute.forces_replacement,
    }


def _count(count: Count) -> dict[str, Any]:
    return {
        "what": count.what,
        "unit": count.unit,
        "before": count.before,
        "after": count.after,
        "limit": count.limit,
        "exceeded": count.exceeded,
    }


def _finding(finding: PolicyFinding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity,
        "subject": finding.subject,
        "message": str(finding.message),
        "page": finding.page,
        "file": finding.file,
        "line": finding.line,
        "new": finding.new,
        "waived": finding.waived,
    }


def _topology(topology: Topology) -> dict[str, Any]:
    return {
        "nodes": [_node(node) for node in topology.nodes],
        "edges": [_edge(edge) for edge in topology.edges],
        "left_out": topology.left_out,
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind,
        "label": node.label,
        "action": node.action.value,
        "public": node.public,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {"instance": edge.instance, "network": edge.network, "label": edge.label, "action": edge.action.value}


def _sentences(sentences: tuple[Sentence, ...]) -> list[str]:
    return [str(sentence) for sentence in sentences]
