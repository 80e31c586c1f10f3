"""Completion: items in the form that the client takes, their documentation when it asks for it."""

from __future__ import annotations

from lsprotocol import types as lsp

from jcc_lsp.ide.completion import Completions, Item, ItemKind, complete
from jcc_lsp.ide.wording import Topic, documentation
from jcc_lsp.server import JclServer

OPTIONS = lsp.CompletionOptions(
    trigger_characters=[".", " ", "<", "[", "{", "$", "'", '"', ">"], resolve_provider=True
)
KINDS = {
    ItemKind.KEYWORD: lsp.CompletionItemKind.Keyword,
    ItemKind.SECTION: lsp.CompletionItemKind.Module,
    ItemKind.WORKFLOW: lsp.CompletionItemKind.Class,
    ItemKind.ACTION: lsp.CompletionItemKind.Function,
    ItemKind.PROCEDURE: lsp.CompletionItemKind.Method,
    ItemKind.INPUT: lsp.CompletionItemKind.Field,
    ItemKind.OUTPUT: lsp.CompletionItemKind.Property,
    ItemKind.VARIABLE: lsp.CompletionItemKind.Variable,
    ItemKind.KEY: lsp.CompletionItemKind.Property,
    ItemKind.OBJECT: lsp.CompletionItemKind.Struct,
    ItemKind.FUNCTION: lsp.CompletionItemKind.Function,
    ItemKind.METHOD: lsp.CompletionItemKind.Method,
    ItemKind.TYPE: lsp.CompletionItemKind.TypeParameter,
    ItemKind.VALUE: lsp.CompletionItemKind.Value,
    ItemKind.LABEL: lsp.CompletionItemKind.Reference,
    ItemKind.LOCK: lsp.CompletionItemKind.Constant,
    ItemKind.EVENT: lsp.CompletionItemKind.Event,
    ItemKind.SETTING: lsp.CompletionItemKind.Property,
    ItemKind.OPERATOR: lsp.CompletionItemKind.Operator,
}


def register(server: JclServer) -> None:
    convert, state = server.convert, server.state

    @server.on(lsp.TEXT_DOCUMENT_COMPLETION, OPTIONS)
    def on_completion(params: lsp.CompletionParams) -> lsp.CompletionList | None:
        at = convert.cursor(params)
        if at is None:
            return None
        typed = params.context and params.context.trigger_character
        found = complete(*at, by_blank=typed == " ")
        uri = params.text_document.uri
        return _list(server, found, convert.range(at.path, found.span), uri)

    @server.on(lsp.COMPLETION_ITEM_RESOLVE)
    def resolve(item: lsp.CompletionItem) -> lsp.CompletionItem:
        match item.data:
            case {"uri": str(uri), "topic": [str(kind), str(name), str(of)]}:
                found = state.find(uri)
                text = found and documentation(found[0].workspace, Topic(kind, name, of))
                if text:
                    item.documentation = lsp.MarkupContent(lsp.MarkupKind.Markdown, text)
            case _:
                pass
        return item


def _list(server: JclServer, found: Completions, where: lsp.Range, uri: str) -> lsp.CompletionList:
    texts = server.client_capabilities.text_document
    known = texts and texts.completion
    defaults = known and known.completion_list and known.completion_list.item_defaults
    takes_range = "editRange" in (defaults or [])
    about_items = known and known.completion_item
    snippets = bool(about_items and about_items.snippet_support)
    items = [
        _item(item, number, None if takes_range else where, uri, snippets=snippets)
        for number, item in enumerate(found.items)
    ]
    result = lsp.CompletionList(not found.is_complete, items)
    if takes_range:
        result.item_defaults = lsp.CompletionItemDefaults(edit_range=where)
    return result


def _item(
    item: Item, number: int, where: lsp.Range | None, uri: str, *, snippets: bool
) -> lsp.CompletionItem:
    is_snippet = snippets and item.snippet is not None
    text = item.snippet if is_snippet and item.snippet is not None else item.inserted
    made = lsp.CompletionItem(
        label=item.label,
        kind=KINDS[item.kind],
        detail=item.detail or None,
        sort_text=f"{number:04}",
        insert_text_format=lsp.InsertTextFormat.Snippet if is_snippet else None,
        insert_text_mode=lsp.InsertTextMode.AdjustIndentation if "\n" in text else None,
        data={"uri": uri, "topic": list(item.topic)} if item.topic else None,
    )
    if where is not None:
        made.text_edit = lsp.TextEdit(where, text)
    elif text != item.label:
        made.text_edit_text = text
    return made
