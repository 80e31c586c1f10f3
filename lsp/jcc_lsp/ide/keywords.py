"""The words of the language for people: what each means, and the lines that it begins, as a snippet.

A table; a test holds it against the compiler's. Snippets have `\\t` for a level of indentation, and `$1`, `${1:name}` where
something is to be typed.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Word(NamedTuple):
    """`form` is how it is written, `doc` what it means (Markdown), `snippet` what is inserted for it."""

    form: str
    doc: str
    snippet: str


DEFINITIONS: Final = {
    "workflow": Word(
        "workflow NAME:",
        "Defines a workflow: a job whose steps and variables are kept in the database.",
        "workflow ${1:$NAME}:\n\tin:\n\t\t${2:name}\t${3:string}\n\tout:\n\t\t${4:result}\t${5:string}\n"
        "\twfomap:\n\t\t${4} = v.${4}\n\tdo:\n\t\t$0",
    ),
    "action": Word(
        "action NAME:",
        "Declares an action: work that a worker outside of the database does.",
        "action ${1:$NAME}:\n\tin:\n\t\t${2:name}\t${3:string}\n\tout:\n\t\t${4:result}\t${5:string}$0",
    ),
    "procedure": Word(
        "procedure NAME:",
        "Declares a procedure: a function of the database, called in the job's own transaction.",
        "procedure ${1:$NAME}:\n\tin:\n\t\t${2:name}\t${3:string}\n\tout:\n\t\t${4:result}\t${5:string}$0",
    ),
}

SECTIONS: Final = {
    "interface": Word(
        "interface NAME:",
        "Takes the inputs, outputs and environment of another definition; `in:`, `out:` and `env:` are then errors here.",
        "interface ${1:name}:",
    ),
    "in": Word(
        "in:",
        "The inputs, one a line: `name type [default]`. One without a default is required.",
        "in:\n\t${1:name}\t${2:string}",
    ),
    "out": Word(
        "out:",
        "The outputs, one a line: `name type [optional]`.",
        "out:\n\t${1:name}\t${2:string}",
    ),
    "env": Word(
        "env:",
        "Which values of the job's environment the worker is handed: `name type [default]`.",
        "env:\n\t${1:name}\t${2:string}",
    ),
    "wfenv": Word(
        "wfenv:",
        "Constants that are put into the job's environment `e`: `name = value`.",
        "wfenv:\n\t${1:name} = ${2:'value'}",
    ),
    "role": Word(
        "role:",
        "Who may create the job of a workflow, or announce an action: one role a line.",
        "role:\n\t${1:name}",
    ),
    "config": Word(
        "config:",
        "Settings: `key = value`. Of a workflow `max_steps` and `max_depth`; of an action `timeout`, `retry`, `retryable`, "
        "`filter` and `archive`.",
        "config:\n\t$1",
    ),
    "locks": Word(
        "locks:",
        "Locks that are taken in this order at the start: `type value [manual] [inherit]`. A value that is not known yet is "
        "`_`, with `manual`: a statement takes such a lock.",
        "locks:\n\t${1:type} ${2:value}",
    ),
    "wfomap": Word(
        "wfomap:",
        "Makes the outputs at the end of the job; a left side without a letter means `o`.",
        "wfomap:\n\t${1:name} = v.${1}",
    ),
    "do": Word("do:", "The body: statements, done in order.", "do:\n\t$0"),
}

STATEMENTS: Final = {
    "assert": Word(
        "assert CONDITION:",
        "An error with the message below, unless the condition is true.",
        "assert ${1:condition}:\n\t${2:'message'}",
    ),
    "call": Word(
        "call NAME:",
        "Calls an action, a procedure or a workflow and waits for its outputs. Below it stands the input map; `into:` takes "
        "the outputs.",
        "call $1",
    ),
    "callflow": Word(
        "callflow NAME:",
        "A branch of `split:`: a child job of this workflow.",
        "callflow $1",
    ),
    "case": Word(
        "case VALUE:",
        "Goes to the `when` whose label is the value's string. Without one, to `else`, or on behind the case.",
        "case ${1:value}:\nwhen ${2:'label'}:\n\t$0",
    ),
    "detachflow": Word(
        "detachflow NAME:",
        "Starts a job of a workflow that nobody waits for.",
        "detachflow $1",
    ),
    "eval": Word(
        "eval:",
        "Assignments to the variables `v`, one a line, or a code block `[[ … ]]`.",
        "eval:\n\t${1:name} = ${2:value}",
    ),
    "goto": Word("goto LABEL", "Goes on at a label of this workflow.", "goto $1"),
    "if": Word(
        "if CONDITION:",
        "Does what is below where the condition is true. False are null, `false`, 0, `''` and `'0'`.",
        "if ${1:condition}:\n\t$0",
    ),
    "interface": Word(
        "interface NAME:",
        "Calls the one of the destinations below whose name the expression of `call` gives.",
        "interface $1",
    ),
    "label": Word("label NAME", "A place that `goto` can go to.", "label ${1:name}"),
    "let": Word("let:", "The same as `eval:`.", "let:\n\t${1:name} = ${2:value}"),
    "lock": Word(
        "lock TYPE VALUE",
        "Takes a lock that `locks:` declares as `manual`; waits until it is free.",
        "lock ${1:type} ${2:value}",
    ),
    "map": Word(
        "map NAME using LIST:",
        "Starts a child job for each element of a list. In the input map `e._v` is the element and `e._i` its number, from 1; "
        "`collect:` runs once for each child.",
        "map $1",
    ),
    "raise_error": Word(
        "raise_error MESSAGE",
        "An error of the job: with a message, or as a block with `msg` and `class`.",
        "raise_error ${1:'message'}",
    ),
    "raise_event": Word(
        "raise_event:",
        "An event: it comes to every subscription whose mask it contains.",
        "raise_event:\n\tevent = object($1)",
    ),
    "repeat": Word(
        "repeat:",
        "Does what is below, again until the condition of `until` is true.",
        "repeat:\n\t$0\nuntil ${1:condition}",
    ),
    "return": Word("return", "Ends the job: `wfomap` makes its outputs.", "return"),
    "sleep": Word(
        "sleep DURATION",
        "Waits: a number of seconds, or an interval such as `'10 minutes'`.",
        "sleep ${1:1}",
    ),
    "split": Word(
        "split:",
        "Starts its branches as child jobs side by side and waits for all; then runs their output maps in order.",
        "split:\n\tcallflow $1",
    ),
    "subscribe": Word(
        "subscribe:",
        "From here on events that contain the mask are kept for this name.",
        "subscribe:\n\tname = '${1:name}'\n\tmask = object($2)",
    ),
    "try": Word(
        "try:",
        "An error below that is not fatal goes to `catch:`, with `e._error`.",
        "try:\n\t$0\ncatch:\n\t",
    ),
    "unlock": Word("unlock TYPE VALUE", "Gives a lock back.", "unlock ${1:type} ${2:value}"),
    "unsubscribe": Word(
        "unsubscribe:",
        "Ends a subscription.",
        "unsubscribe:\n\tname = '${1:name}'",
    ),
    "wait_for_event": Word(
        "wait_for_event:",
        "Waits for an event of one of the subscriptions, or for the timeout. `into:` gets `o.event` with `name`, `event_id`, "
        "`when` and `data`; at the timeout its name is `'timeout'`.",
        "wait_for_event:\n\tevents = array('${1:name}')\n\ttimeout = ${2:60}\ninto:\n\t${3:event} = o.event",
    ),
    "wait_for_lock": Word(
        "wait_for_lock TYPE:",
        "Takes a lock; with `wait = 'no'` an error where it is taken, with a time one after that time.",
        "wait_for_lock ${1:type}:\n\tvalue = ${2:value}\n\twait = ${3:'no'}",
    ),
    "while": Word(
        "while CONDITION:",
        "Does what is below as long as the condition is true.",
        "while ${1:condition}:\n\t$0",
    ),
}

FOLLOWERS: Final = {
    "into": Word(
        "into:",
        "The output map: `o` has the outputs; a left side without a letter means `v`.",
        "into:\n\t$0",
    ),
    "collect": Word(
        "collect:",
        "The output map of `map`, run once for each child in order.",
        "collect:\n\t${1:list} ,= o.$2",
    ),
    "when": Word("when LABEL, LABEL:", "An arm of `case`.", "when ${1:'label'}:\n\t$0"),
    "elsif": Word(
        "elsif CONDITION:",
        "Another condition of `if`, asked where none before it was true.",
        "elsif ${1:condition}:\n\t$0",
    ),
    "else": Word("else:", "What is done where nothing else of `if` or `case` is.", "else:\n\t$0"),
    "catch": Word(
        "catch:", "What is done after an error in `try:`; `e._error` has it.", "catch:\n\t$0"
    ),
    "until": Word("until CONDITION", "The condition that ends `repeat:`.", "until ${1:condition}"),
    "call": Word(
        "call VALUE:",
        "Behind `interface`: calls the destination whose name the value is.",
        "call ${1:a.destination}:\n\t$0",
    ),
}

TRAILING: Final = {
    "using": Word(
        "using LIST", "The list of `map`, an element for each child.", "using ${1:v.list}:"
    ),
    "optional": Word("optional", "The output need not be there.", "optional"),
    "manual": Word("manual", "The lock is not taken at the start: `lock` takes it.", "manual"),
    "inherit": Word(
        "inherit", "Children may borrow the lock while this job waits for them.", "inherit"
    ),
}

OBJECTS: Final = {
    "a": "the arguments of the workflow; read only",
    "e": "the job's environment; read only",
    "v": "the variables of the job",
    "i": "the inputs of what is called",
    "o": "the outputs",
    "t": "temporary, for this map alone",
}
"""The objects of a job."""

OPERATORS: Final = {
    "and": "the left value where it is false, else the right one",
    "or": "the left value where it is true, else the right one",
    "xor": "whether exactly one is true",
    "not": "`true` where the value is false; binds looser than `!`",
    "x": "a string, repeated",
    "eq": "equal as strings",
    "ne": "not equal as strings",
    "lt": "less as strings",
    "le": "less or equal as strings",
    "gt": "greater as strings",
    "ge": "greater or equal as strings",
}

SETTINGS: Final = {
    "max_steps": "How many steps the job may take before it ends with a fatal error. Default: 100.",
    "max_depth": "How deep calls may be nested. Default: 10.",
    "timeout": "How long a worker may take: a duration such as `'10 minutes'` or a number of seconds.",
    "retry": "What is done after a soft error: an object with `tries` (below 0: for ever) and `interval`.",
    "retryable": "Whether the loss of its worker is a soft error, so that the action is tried again.",
    "filter": 'An array of inputs that workers may filter on; `"_*_"` in it lets workers come without a filter.',
    "archive": "How long a job that has ended stays before it moves to the archive, of the workflows that call the action: "
    "a duration or a number of seconds. The longest one counts; where none is given, the setting `archive_after`.",
}
"""The keys of `config:`."""

TYPES: Final = {
    "number": "An integer or a fraction.",
    "integer": "A whole number.",
    "string": "A text.",
    "boolean": "`true` or `false`.",
    "null": "Nothing but null.",
    "array": "A list of values; `T[]` is one whose items are of type `T`.",
    "object": "Keys and values.",
    "any": "Any value.",
    "json": "Any value; the same as `any`.",
}
