"""The network API: JSON-RPC 2.0 over netstrings, and HTTP, for programs that do not reach the database.

`netstring` and `rpc` know the protocol, `session` is one peer, `methods` is what a peer may say; `service` does it, for all peers
together, and `dispatch` hands tasks to the workers among them. `auth` knows who may come in, `server` binds it all to sockets, and
`http` is the other face of the same service. The client's side is in `jobcenter.network`.
"""
