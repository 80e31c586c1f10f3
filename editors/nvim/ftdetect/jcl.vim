" Workflows and actions of JobCenter. `configure.ac` belongs to autoconf.
autocmd BufNewFile,BufRead *.wf set filetype=jcl
autocmd BufNewFile,BufRead *.ac if expand('<afile>:t') !=# 'configure.ac' | set filetype=jcl | endif
