"""What Prometheus sees, beside Synapse's own metrics."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Info

_LABELS = ["server_name"]

STATES = Counter(
    "presence_router_states_total",
    "Presence states that were routed",
    _LABELS,
)
DELIVERIES = Counter(
    "presence_router_deliveries_total",
    "Pairs of a presence state and a recipient that the rules sent it to",
    _LABELS,
)
ALL_ANSWERS = Counter(
    "presence_router_all_answers_total",
    "Answers that a user may see everybody",
    _LABELS,
)
NARROWED = Counter(
    "presence_router_narrowed_total",
    "Answers for the sync of one user who was told ALL",
    _LABELS,
)
FALLBACK = Counter(
    "presence_router_fallback_total",
    "Answers that had to name users who were told ALL, since it was not known whose sync it was",
    _LABELS,
)
UNUSABLE_STATES = Counter(
    "presence_router_unusable_states_total",
    "Presence states that were left out, since they cannot be read or hashed",
    _LABELS,
)
RELOADS = Counter(
    "presence_router_reloads_total",
    "Changed rules that were taken into use",
    _LABELS,
)
FAILED_RELOADS = Counter(
    "presence_router_failed_reloads_total",
    "Changed rules that have errors, so that the rules before went on",
    _LABELS,
)
RULES = Info(
    "presence_router_rules",
    "The rules in use: the digest is the same for processes that have the same rules",
    _LABELS,
)
AGE = Gauge(
    "presence_router_rule_set_age_seconds",
    "Time since the rules in use were loaded",
    _LABELS,
)
KNOWN_USERS = Gauge(
    "presence_router_known_users",
    "Users whom the homeserver knows, among whom patterns look for recipients",
    _LABELS,
)
