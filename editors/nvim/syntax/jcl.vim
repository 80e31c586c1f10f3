" Colours for JCL, with Python and Perl in its code blocks.
" The lists of words are those of the compiler: a test compares them.

if exists('b:current_syntax')
  finish
endif

syntax include @jclPythonCode syntax/python.vim
unlet! b:current_syntax
syntax include @jclPerlCode syntax/perl.vim
unlet! b:current_syntax
syntax case match
syntax sync fromstart
syntax iskeyword @,48-57,_

" -- values
syntax match jclOperator /[-+*\/%.!<>=~?&|,]/
syntax match jclWordOperator /\.\@1<!\<\%(and\|or\|xor\|not\|lt\|gt\|le\|ge\|eq\|ne\)\>\ze\%(\s*=\)\@!/
syntax match jclWordOperator /\s\@1<=x\ze\s\+[^=[:space:]]/
syntax match jclMember /\.\@1<=\h\w*/
syntax match jclObject /[.[:alnum:]_]\@1<!\<[aeivot]\>\ze[.[]/
syntax match jclConstant /\.\@1<!\<\%(true\|TRUE\|false\|FALSE\|null\|NULL\)\>/
syntax match jclNumber /[.[:alnum:]_]\@1<!\%(0[xX]\x\+\|\%(\d\+\%(\.\d\+\)\?\|\.\d\+\)\%([eE][+-]\?\d\+\)\?\)\>/
syntax match jclEscape /\\[\\'"nt0]/ contained
syntax region jclString start=/'/ skip=/\\./ end=/'/ oneline contains=jclEscape
syntax region jclString start=/"/ skip=/\\./ end=/"/ oneline contains=jclEscape
syntax match jclRegex /\%(=\~\|!\~\|\~\)\s*\/\%([^\/\\]\|\\.\)\+\/\a*/ contains=jclMatch
syntax match jclMatch /\%(=\~\|!\~\|\~\)/ contained
syntax match jclFunction /\.\@1<!\<\%(abs\|array\|b64decode\|b64encode\|ceil\|concat\|contains\|decode_base64\|decode_json\|defined\|encode_base64\|encode_json\|endswith\|flatten\|floor\|from_json\|fromjson\|get\|ifdef\|join\|keys\|length\|list\|lower\|matches\|max\|md5\|md5_base64\|md5_hex\|md5b64\|merge\|min\|now\|object\|range\|replace\|reverse\|round\|sha256\|slice\|sort\|split\|startswith\|substr\|sum\|to_json\|tojson\|tonumber\|tostring\|trim\|typeof\|unique\|upper\|uuid\|values\)\>\ze\s*(/

" -- lines of maps
syntax match jclTarget /^\s*\zs\%([aeivot][.[]\)\@!\h\w*\ze\%(\s*\[[^]]*\]\|\.[^[:space:]=[]\+\)*\s*\%(\/\/\|||\|[-.+*\/,]\)\?=\%([=~]\)\@!/
syntax region jclCopy matchgroup=jclOperator start=/\%(^\s*\|>\s\+\)\@<=<\ze\s*[[:alnum:]_*'"]/ end=/>/ oneline contains=jclString,jclCopied
syntax match jclCopied /\h\w*/ contained

" -- headers
syntax match jclDefinition /^\s*\zs\%(workflow\|action\|procedure\)\>\ze\s\+[^=[:space:]]/ nextgroup=jclDefined skipwhite
syntax match jclDefined /'\%([^'\\]\|\\.\)*'\|"\%([^"\\]\|\\.\)*"\|\h[[:alnum:]_.]*/ contained
syntax match jclSection /^\s*\zs\%(wfenv\|config\|wfomap\|do\)\ze\s*:/
syntax match jclCall /^\s*\zs\%(call\|callflow\|detachflow\|interface\)\>\ze\s\+[^=]*:/ nextgroup=jclCalled skipwhite
syntax match jclCall /^\s*\zsmap\>\ze\s\+\S\+\s\+using\>/ nextgroup=jclCalled skipwhite
syntax match jclCall /^\s*map\s\+\S\+\s\+\zsusing\>/
syntax match jclCalled /\%([aeivot][.[]\)\@!\%('\%([^'\\]\|\\.\)*'\|"\%([^"\\]\|\\.\)*"\|\h[[:alnum:]_.]*\)/ contained nextgroup=jclUsing skipwhite
syntax match jclUsing /using\>/ contained
syntax match jclDestination /^\s*\zs\%([aeivot]\.\)\@!\h[[:alnum:]_.]*\ze\s*;\?\s*\%(#.*\)\?$/
syntax match jclConditional /^\s*\zs\%(if\|elsif\|while\|case\|assert\|until\)\>\ze\%(\s*\%(\/\/\|||\|[-.+*\/,]\)\?=\%([=~]\)\@!\)\@!/
syntax match jclConditional /^\s*\zswhen\>\ze\%(\s*\%(\/\/\|||\|[-.+*\/,]\)\?=\%([=~]\)\@!\)\@!/ nextgroup=jclLabels skipwhite
syntax match jclLabels /\%('\%([^'\\]\|\\.\)*'\|"\%([^"\\]\|\\.\)*"\|[^:'"#]\)*\ze:/ contained contains=jclString,jclNumber,jclOperator,jclLabelWord
syntax match jclLabelWord /\h[[:alnum:]_.]*/ contained
syntax match jclLock /^\s*\zs\%(lock\|unlock\|wait_for_lock\)\>\ze\s\+[^=[:space:]]/ nextgroup=jclLockType skipwhite
syntax match jclLockType /'\%([^'\\]\|\\.\)*'\|"\%([^"\\]\|\\.\)*"\|\h[[:alnum:]_.]*/ contained
syntax match jclStatement /^\s*\zs\%(label\|goto\)\>\ze\s\+[^=[:space:]]/ nextgroup=jclLabel skipwhite
syntax match jclLabel /\S\+/ contained
syntax match jclStatement /^\s*\zs\%(split\|into\|collect\|try\|catch\|else\|repeat\|eval\|let\|wait_for_event\|subscribe\|unsubscribe\|raise_event\|raise_error\|sleep\)\ze\s*:/
syntax match jclStatement /^\s*\zs\%(raise_error\|sleep\)\>\ze\s\+[^=:[:space:]]/
syntax match jclStatement /^\s*\zsreturn\ze\s*;\?\s*\%(#.*\)\?$/

" -- sections of declarations: each ends before the first line that is not deeper
syntax region jclDeclarations matchgroup=jclSection start=/^\z(\s*\)\%(in\|out\|env\)\ze\s*:/ end=/^\%(\z1\s\+\S\|\s*$\|\s*#\)\@!/me=s-1 contains=jclDeclared,jclOptional,@jclValue,@jclComments
syntax match jclDeclared /^\s*\zs\%('\%([^'\\]\|\\.\)*'\|"\%([^"\\]\|\\.\)*"\|\h\w*\)\ze\s/ contained nextgroup=jclType,jclSchema skipwhite
syntax match jclSchema /\%('\%([^'\\]\|\\.\)*'\|"\%([^"\\]\|\\.\)*"\|\h[[:alnum:]_.]*\)\%(\[\]\|?\)*/ contained
syntax match jclType /\<\%(number\|integer\|string\|boolean\|null\|array\|object\|any\|json\)\>\%(\[\]\|?\)*/ contained
syntax match jclOptional /\<optional\ze\s*;\?\s*\%(#.*\)\?$/ contained
syntax region jclLocks matchgroup=jclSection start=/^\z(\s*\)locks\ze\s*:/ end=/^\%(\z1\s\+\S\|\s*$\|\s*#\)\@!/me=s-1 contains=jclLockDeclared,jclOptional,jclHow,@jclValue,@jclComments
syntax match jclLockDeclared /^\s*\zs\%('\%([^'\\]\|\\.\)*'\|"\%([^"\\]\|\\.\)*"\|\h\w*\)\ze\s/ contained
syntax match jclHow /\s\@1<=\%(manual\|inherit\)\>\ze\%(\s\+\%(manual\|inherit\)\)*\s*;\?\s*\%(#.*\)\?$/ contained
syntax region jclRoles matchgroup=jclSection start=/^\z(\s*\)role\ze\s*:/ end=/^\%(\z1\s\+\S\|\s*$\|\s*#\)\@!/me=s-1 contains=jclRole,@jclComments
syntax match jclRole /[^#[:space:];:]\+/ contained

" -- comments and code blocks come last: they win where they begin at the same place
syntax match jclComment /#.*$/ contains=@Spell
syntax match jclDoc /###\@!.*$/ contains=@Spell
syntax region jclBlockComment start=/#\[\z(\w*\)\[/ end=/#\]\z1\]/ contains=@Spell
syntax region jclPython matchgroup=jclBlockEdge start=/[[:alnum:]_\])'"]\@1<!\[\z(\w*\)\[/ end=/\]\z1\]\%(\]\)\@!/ keepend contains=@jclPythonCode
syntax region jclPerl matchgroup=jclBlockEdge start=/[[:alnum:]_\])'"]\@1<!\[\z(\w*\)\[\ze\%('\%([^'\\]\|\\.\)*'\|"\%([^"\\]\|\\.\)*"\|#[^\n]*\|\%(\]\w*\]\)\@!\_[^'"#]\)\{-}\%(\$\|[@%]\s*{\s*[aeiotv]{\|\<[aeiotv]{\|\<my\s*[(@%]\|[=(,;{]\s*[@%]\w\|^\s*[@%]\w\+\s*=\)/ end=/\]\z1\]\%(\]\)\@!/ keepend contains=@jclPerlCode
syntax region jclPython matchgroup=jclBlockEdge start=/[[:alnum:]_\])'"]\@1<!\[python\[/ end=/\]python\]/ keepend contains=@jclPythonCode
syntax region jclPerl matchgroup=jclBlockEdge start=/[[:alnum:]_\])'"]\@1<!\[perl\[/ end=/\]perl\]/ keepend contains=@jclPerlCode

syntax cluster jclComments contains=jclComment,jclDoc,jclBlockComment
syntax cluster jclValue contains=jclOperator,jclWordOperator,jclMember,jclObject,jclConstant,jclNumber,jclString,jclRegex,jclFunction,jclPython,jclPerl

highlight default link jclComment Comment
highlight default link jclDoc SpecialComment
highlight default link jclBlockComment Comment
highlight default link jclDefinition Keyword
highlight default link jclDefined Function
highlight default link jclSection Structure
highlight default link jclCall Statement
highlight default link jclCalled Function
highlight default link jclDestination Function
highlight default link jclUsing Statement
highlight default link jclConditional Conditional
highlight default link jclLock Statement
highlight default link jclLockType Type
highlight default link jclLockDeclared Type
highlight default link jclStatement Statement
highlight default link jclLabel Label
highlight default link jclDeclared Identifier
highlight default link jclType Type
highlight default link jclSchema Typedef
highlight default link jclOptional StorageClass
highlight default link jclHow StorageClass
highlight default link jclRole Constant
highlight default link jclTarget Identifier
highlight default link jclCopied Identifier
highlight default link jclObject Special
highlight default link jclMember Identifier
highlight default link jclFunction Function
highlight default link jclOperator Operator
highlight default link jclWordOperator Operator
highlight default link jclMatch Operator
highlight default link jclConstant Constant
highlight default link jclNumber Number
highlight default link jclLabelWord String
highlight default link jclString String
highlight default link jclEscape SpecialChar
highlight default link jclRegex String
highlight default link jclBlockEdge Delimiter

let b:current_syntax = 'jcl'
