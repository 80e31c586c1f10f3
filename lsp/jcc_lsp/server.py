"""The server: what its parts share, how a method's handler is registered, and its life from `initialize` to `exit`.

The handlers are in `handlers`, each module with a `register(server)`; they convert, call one function of `ide` and convert back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from typing import BinaryIO, TypeVar

from lsprotocol import types as lsp
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidRequest,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.lsp.server import LanguageServer

from jcc.query import Cancelled
from jcc_lsp.catalogs import Catalogs
from jcc_lsp.convert import Converter
from jcc_lsp.publisher import Publisher
from jcc_lsp.reports import Reports
from jcc_lsp.state import State
from jcc_lsp.transport import Inbox, Message, Outbox
from jcc_lsp.watching import Watch
from jobcenter.version import version

P = TypeVar("P")
R = TypeVar("R")

# pygls keeps texts of its own for these, in the wrong places behind a form feed: ours take their place.
_OURS = (
    lsp.TEXT_DOCUMENT_DID_OPEN,
    lsp.TEXT_DOCUMENT_DID_CHANGE,
    lsp.TEXT_DOCUMENT_DID_CLOSE,
    lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
)


class JclServer(LanguageServer):
    """One client's server. `state` has its files, `convert` converts from and to what the client understands."""

    def __init__(self) -> None:
        super().__init__("jcc", version())
        self.state = State(cancelled=self._is_cancelled, complain=self.complain)
        self.convert = Converter(self.state)
        self.reports = Reports(self.convert)
        self.inbox = Inbox()
        self.publisher = Publisher(self)
        self.catalogs = Catalogs(self)
        self.watch = Watch(self)
        self.is_initialized = self.is_shut_down = False
        self._request: object = None
        self._complaints: dict[str, None] = {}
        for method in _OURS:
            self.protocol.fm.builtin_features.pop(method)

    # -- handlers

    def on(
        self, method: str, options: object = None
    ) -> Callable[[Callable[[P], R]], Callable[[P], R]]:
        """Register the handler of a method. A request that the client has cancelled ends at the next query it asks."""

        def register(handler: Callable[[P], R]) -> Callable[[P], R]:
            @wraps(handler)
            def run(params: P) -> R:
                self._request = self.protocol.msg_id
                try:
                    if self._is_cancelled():
                        raise Cancelled(method)
                    return handler(params)
                except Cancelled:
                    raise JsonRpcRequestCancelled() from None
                finally:
                    self._request = None

            self.feature(method, options)(run)
            return run

        return register

    def withdraw(self, method: str) -> None:
        """Have no handler of a method after all: for this client the server does not know it."""
        self.protocol.fm.features.pop(method)

    def _is_cancelled(self) -> bool:
        return self._request is not None and self.inbox.is_cancelled(self._request)

    # -- what the user is told

    def complain(self, text: str) -> None:
        """Show the user what is wrong with the settings or with files. Of complaints that come together the first is shown; all
        are in the log."""
        if not self._complaints:
            asyncio.get_running_loop().call_soon(self._show_complaints)
        self._complaints[text] = None

    def _show_complaints(self) -> None:
        first, *others = self._complaints
        self._complaints.clear()
        for text in (first, *others):
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Warning, text))
        shown = f"{first} (and {len(others)} more, see the log)" if others else first
        self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, shown))

    # -- life

    def serve(self, reader: BinaryIO, writer: BinaryIO) -> int:
        """Serve a client until it leaves; 0 if it said `shutdown` first, as it should."""
        self.protocol.set_writer(Outbox(writer))
        asyncio.run(self.inbox.run(reader, self._take))
        return 0 if self.is_shut_down else 1

    def _take(self, message: Message) -> None:
        if message is None:
            self._refuse(None, JsonRpcInvalidRequest())
        elif not self.is_initialized and message.get("method") != lsp.INITIALIZE:
            self._refuse(message.get("id"), JsonRpcServerNotInitialized())
        else:
            try:
                structured = self.protocol.structure_message(message)
            except JsonRpcException as error:
                self._refuse(message.get("id"), error)
            else:
                self.protocol.handle_message(structured)

    def _refuse(self, request: object, error: JsonRpcException) -> None:
        if isinstance(request, int | str):
            response = lsp.ResponseErrorMessage(id=request, error=error.to_response_error())
            self.protocol._send_data(response)  # pygls has no other way to answer unasked
