"""Stand-ins for what is behind the actions of prov.vhost_event: they only say what they would have done."""

from __future__ import annotations

from jobcenter import Worker

worker = Worker("provisioning")


@worker.action("provdb_get_rid_by_vhost")
def get_rid_by_vhost(zoneid: int, vhost: str) -> dict[str, int | str]:
    return {"rid": zoneid * 10, "orderno": f"order of {vhost}", "clientid": 7}


@worker.action("dwh_vhost_event")
def vhost_event(
    rid: int, orderno: str, clientid: int, zone: str, zoneid: int, vhost: str
) -> dict[str, bool | str]:
    wanted = "set_default_ip" if vhost.startswith("www.") else "nothing"
    return {"result": True, "postconfigure": wanted, "comment": f"{vhost} is known;"}


@worker.action("provdb_update_zone_template")
def update_zone_template(zoneid: int, template: str) -> dict[str, bool]:
    return {"result": True}


@worker.action("prov.get_ip_list")
def get_ip_list(rid: int, usage: str) -> dict[str, list[str]]:
    return {"array": ["192.0.2.1", "192.0.2.2"]}


@worker.action("provdb_set_initial_ip")
def set_initial_ip(zoneid: int, ips: list[str]) -> dict[str, bool | str]:
    return {"result": True, "log": f" {len(ips)} addresses set"}
