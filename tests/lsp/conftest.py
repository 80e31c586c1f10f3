"""The editors that the server's tests play, each with what it says that it can do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import (
    ClientServerConfig,
    LanguageClient,
    client_capabilities,
    make_test_lsp_client,
)

from tests.lsp.wire import COMMAND

EDITORS = ["neovim@0.7", "neovim@0.11", "visual_studio_code"]

# What the server may ask of an editor; the tests need no answer.
ASKED = (
    *(lsp.CLIENT_REGISTER_CAPABILITY, lsp.WORKSPACE_SEMANTIC_TOKENS_REFRESH),
    *(lsp.WORKSPACE_INLAY_HINT_REFRESH, lsp.WORKSPACE_CODE_LENS_REFRESH),
)


def make_client() -> LanguageClient:
    client = make_test_lsp_client()
    for method in ASKED:
        client.feature(method)(lambda params: None)
    return client


CONFIG = ClientServerConfig(server_command=list(COMMAND), client_factory=make_client)


@pytest_lsp.fixture(params=EDITORS, config=CONFIG)  # type: ignore[untyped-decorator]  # it has no types
async def editor(
    client: LanguageClient, request: pytest.FixtureRequest, folder: Path
) -> AsyncIterator[None]:
    """In turn each of them, with the test's own `folder` open."""
    await client.initialize_session(
        lsp.InitializeParams(
            capabilities=client_capabilities(request.param),
            workspace_folders=[lsp.WorkspaceFolder(folder.as_uri(), "test")],
        )
    )
    yield
    await client.shutdown_session()
