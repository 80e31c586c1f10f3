"""Stand-ins for the registry and the name servers."""

from __future__ import annotations

from jobcenter import Client, Worker

worker = Worker("hosting")
zones: dict[tuple[str, str], str] = {}


@worker.action("registry.transfer")
def transfer(domain: str, authcode: str) -> None:
    """A real one would answer in some days, and something that hears of it would raise the event."""
    answer = {"ok": True} if authcode == "open sesame" else {"ok": False, "reason": "wrong code"}
    with Client() as jc:
        jc.raise_event({"event": "transfer", "domain": domain, **answer})


@worker.action("dns.set", slots=5)
def set_record(domain: str, name: str, address: str) -> dict[str, int]:
    changed = zones.get((domain, name)) != address
    zones[domain, name] = address
    return {"changed": int(changed)}
