"""`python -m dev.dashboards`: write Grafana's dashboards from the few lines that say what is on them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.layout import ROOT

FOLDER = ROOT / "deploy" / "monitoring" / "grafana" / "dashboards"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
WIDTH, HEIGHT, COLUMNS = 8, 7, 3


@dataclass(frozen=True, slots=True)
class Panel:
    """One graph: `unit` in Grafana's words; `queries` by the legend of their series."""

    title: str
    unit: str
    queries: dict[str, str]


RATE = "sum by ({by}) (rate({metric}[$__rate_interval]))"


def rate(metric: str, by: str = "service") -> str:
    """How often a second, by a label."""
    return RATE.format(metric=metric, by=by)


def quantile(share: float, histogram: str, by: str) -> str:
    """A quantile of a histogram's observations, by a label."""
    return f"histogram_quantile({share}, {rate(histogram + '_bucket', f'{by}, le')})"


DASHBOARDS = {
    "services": [
        Panel("Requests", "reqps", {"{{service}}": rate("homeroom_request_seconds_count")}),
        Panel("Failed requests", "reqps", {"{{service}}": rate('homeroom_request_seconds_count{status=~"5.."}')}),
        Panel(
            "Refused requests",
            "reqps",
            {"{{service}} {{status}}": rate('homeroom_request_seconds_count{status=~"4.."}', "service, status")},
        ),
        Panel("Duration, p50", "s", {"{{service}}": quantile(0.5, "homeroom_request_seconds", "service")}),
        Panel("Duration, p99", "s", {"{{service}}": quantile(0.99, "homeroom_request_seconds", "service")}),
        Panel(
            "Slowest routes, p99",
            "s",
            {"{{route}}": f"topk(10, {quantile(0.99, 'homeroom_request_seconds', 'route')})"},
        ),
        Panel(
            "Slowest queries, p99",
            "s",
            {"{{query}}": f"topk(10, {quantile(0.99, 'homeroom_db_query_seconds', 'query')})"},
        ),
        Panel(
            "Database connections in use",
            "percentunit",
            {"{{service}} {{process}}": "homeroom_db_pool_in_use / homeroom_db_pool_size"},
        ),
        Panel(
            "Cache hits",
            "percentunit",
            {
                "{{service}}": rate('homeroom_cache_reads_total{outcome="hit"}')
                + " / "
                + rate("homeroom_cache_reads_total")
            },
        ),
        Panel("Timed jobs", "ops", {"{{service}} {{outcome}}": rate("homeroom_job_runs_total", "service, outcome")}),
        Panel("Memory", "bytes", {"{{service}} {{process}}": "process_resident_memory_bytes"}),
        Panel(
            "Processor",
            "percentunit",
            {"{{service}} {{process}}": rate("process_cpu_seconds_total", "service, process")},
        ),
    ],
    "events": [
        Panel("Published", "eps", {"{{service}}": rate("homeroom_outbox_published_total")}),
        Panel("Applied", "eps", {"{{service}}": rate("homeroom_events_consumed_total")}),
        Panel("Lag of the newest event", "s", {"{{service}}": "max by (service) (homeroom_events_lag_seconds)"}),
        Panel("Unsent", "short", {"{{service}}": "max by (service) (homeroom_outbox_unsent)"}),
        Panel("Oldest unsent", "s", {"{{service}}": "max by (service) (homeroom_outbox_oldest_seconds)"}),
        Panel("Waiting in the queue", "short", {"{{service}}": "max by (service) (homeroom_queue_waiting)"}),
        Panel("Dead letters", "short", {"{{service}}": "max by (service) (homeroom_dead_letters)"}),
        Panel(
            "Trouble",
            "eps",
            {
                "{{service}} repeated": rate("homeroom_events_repeated_total"),
                "{{service}} failed": rate("homeroom_events_failed_total"),
                "{{service}} unreadable": rate("homeroom_events_unreadable_total"),
                "{{service}} refused": rate("homeroom_outbox_refused_total"),
            },
        ),
        Panel(
            "Held, paused, away",
            "short",
            {
                "{{service}} held": "max by (service) (homeroom_outbox_held)",
                "{{service}} paused": "max by (service) (homeroom_consumer_paused)",
                "{{service}} connected": "min by (service) (homeroom_broker_connected)",
            },
        ),
    ],
    "sockets": [
        Panel("Open", "short", {"{{service}}": "sum by (service) (homeroom_sockets_open)"}),
        Panel("Fullest process", "short", {"{{service}}": "max by (service) (homeroom_sockets_open)"}),
        Panel("Frames sent", "pps", {"{{service}}": rate("homeroom_socket_frames_sent_total")}),
        Panel("Frames received", "pps", {"{{service}}": rate("homeroom_socket_frames_received_total")}),
        Panel(
            "Closed by the server",
            "ops",
            {"{{service}} {{reason}}": rate("homeroom_sockets_closed_total", "service, reason")},
        ),
        Panel("Revocations heard", "eps", {"{{service}}": rate("homeroom_broadcasts_heard_total")}),
    ],
}


def document(name: str, panels: list[Panel]) -> dict[str, Any]:
    """A dashboard as Grafana stores it."""
    return {
        "uid": f"homeroom-{name}",
        "title": f"Homeroom: {name}",
        "tags": ["homeroom"],
        "schemaVersion": 41,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, COLUMNS)
    targets = [
        {"refId": chr(ord("A") + index), "expr": query, "legendFormat": legend, "datasource": SOURCE}
        for index, (legend, query) in enumerate(panel.queries.items())
    ]
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": targets,
    }


def documents() -> dict[Path, str]:
    """The text of every dashboard by its file."""
    return {
        FOLDER / f"{name}.json": json.dumps(document(name, panels), indent=1) + "\n"
        for name, panels in DASHBOARDS.items()
    }


if __name__ == "__main__":
    for file, text in documents().items():
        file.write_text(text, "utf-8")
