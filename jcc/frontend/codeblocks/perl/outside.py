"""What lies outside the subset: by word, how to call it and what to write instead."""

from __future__ import annotations

_FILES = "a block sees no files and no processes: let an action do it"
_CLOCK = "`$JCL->now()` gives the time as ISO 8601"
_MODULES = "a block is one piece: use the functions of the language, `$JCL->name(…)`"
_RETURNED = "write the value as the block's last expression, or put it into an object"

WORDS: dict[str, str] = {
    **dict.fromkeys(
        ["open", "close", "print", "printf", "say", "binmode", "eof", "read", "write", "seek", "tell", "readline", "unlink", "rename", "mkdir", "rmdir", "opendir", "readdir", "closedir", "stat", "lstat", "chmod", "chown", "system", "exec", "fork", "wait", "waitpid", "kill", "require", "syswrite", "sysread", "glob", "select", "socket", "connect", "link", "symlink", "chdir", "umask", "truncate", "utime", "flock", "fileno", "getc", "pipe"],
        _FILES,
    ),
    **dict.fromkeys(["time", "localtime", "gmtime", "sleep", "times", "alarm"], _CLOCK),
    **dict.fromkeys(["rand", "srand"], "`$JCL->uuid()` gives a value that is never the same"),
    **dict.fromkeys(["use", "no", "package", "sub", "BEGIN", "END", "do"], _MODULES),
    **dict.fromkeys(["our", "local", "state"], "declare variables by `my`"),
    "eval": "catch errors by `try:` and `catch:` around the statement",
    "goto": "use `last` and `next`, or `goto` of the workflow",
    "redo": "write the loop with a condition",
    "given": "write `if` and `elsif`",
    "when": "write `if` and `elsif`",
    "wantarray": _RETURNED,
    "caller": _RETURNED,
    "bless": "objects are plain hashes here",
    "tie": "objects are plain hashes here",
    "warn": "a block has no log: put the text into `$v{…}`",
    "pack": "use `$JCL->b64encode(…)`, `$JCL->tojson(…)`",
    "unpack": "use `$JCL->b64decode(…)`, `$JCL->fromjson(…)`",
    "vec": "use `substr`",
    "pos": "loop over the matches: `for my $m ($text =~ /…/g)`",
    "study": "leave it out",
    "lock": "use the workflow's `lock`",
    "format": "use `sprintf`",
    "qr": "write the pattern where it is used",
    "qx": _FILES,
    "each": "write `while (my ($key, $value) = each %h) { … }`, or loop over `keys %h`",
    "sin": "let an action compute it",
    "cos": "let an action compute it",
    "atan2": "let an action compute it",
    "crypt": "use `$JCL->sha256(…)`",
}
