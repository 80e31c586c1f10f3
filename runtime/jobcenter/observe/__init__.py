"""Watching a JobCenter at work: logs, metrics, traces, health. All of it is off unless a command's option asks for it.

Maestro, executors, worker and listener speak to one `Observer`; who listens is put together in `setup`. prometheus-client and
opentelemetry are optional, and imported only where they are used.
"""
