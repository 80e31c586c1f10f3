;;; jcl-mode.el --- Workflows of JobCenter  -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "27.1"))
;; Version: 0.1.0

;;; Commentary:

;; A major mode for JCL, the JobCenter Language: colours, comments, indentation by the level above.
;; All else is the part of the language server, `jcc lsp', which is registered with Eglot.

;;; Code:

(defgroup jcl nil "Workflows of JobCenter." :group 'languages)

(defcustom jcl-program "jcc" "The `jcc' program." :type 'string :group 'jcl)

(defconst jcl-definitions '("workflow" "action" "procedure"))
(defconst jcl-sections '("in" "out" "env" "wfenv" "role" "config" "locks" "wfomap" "do"))
(defconst jcl-statements
  '("assert" "call" "callflow" "case" "detachflow" "eval" "goto" "if" "interface" "label" "let" "lock" "map"
    "raise_error" "raise_event" "repeat" "return" "sleep" "split" "subscribe" "try" "unlock" "unsubscribe"
    "wait_for_event" "wait_for_lock" "while"))
(defconst jcl-followers '("into" "collect" "when" "elsif" "else" "catch" "until"))
(defconst jcl-operators '("lt" "gt" "le" "ge" "eq" "ne" "and" "or" "xor" "not"))
(defconst jcl-constants '("true" "TRUE" "false" "FALSE" "null" "NULL"))
(defconst jcl-types '("number" "integer" "string" "boolean" "null" "array" "object" "any" "json"))

(defconst jcl--name "\\('[^'\n]*'\\|\"[^\"\n]*\"\\|[[:alpha:]_][[:alnum:]_.]*\\)")

(defun jcl--line (words)
  "A regexp for a line that begins with one of WORDS and is no assignment."
  (concat "^\\s-*" (regexp-opt words t) "\\_>\\(?:\\s-*:\\|\\s-+[^=[:space:]]\\|\\s-*;?\\s-*$\\)"))

(defconst jcl-font-lock
  `((,(concat "^\\s-*" (regexp-opt jcl-definitions t) "\\s-+" jcl--name)
     (1 font-lock-keyword-face) (2 font-lock-function-name-face t))
    (,(concat "^\\s-*" (regexp-opt jcl-sections t) "\\s-*:") 1 font-lock-builtin-face)
    (,(jcl--line (append jcl-statements jcl-followers)) 1 font-lock-keyword-face)
    (,(concat "^\\s-*\\(?:call\\|callflow\\|detachflow\\|interface\\|map\\)\\s-+" jcl--name)
     1 font-lock-function-name-face t)
    ("\\s-using\\_>" . font-lock-keyword-face)
    ("\\s-\\(optional\\|manual\\|inherit\\)\\_>\\(?:\\s-\\|;\\|$\\)" 1 font-lock-builtin-face)
    ("\\_<\\([aeivot]\\)[.[]" 1 font-lock-variable-name-face)
    (,(concat "[^.]" (regexp-opt jcl-operators 'symbols)) 1 font-lock-keyword-face)
    (,(concat "[^.]" (regexp-opt jcl-constants 'symbols)) 1 font-lock-constant-face)
    (,(concat "^\\s-+" jcl--name "\\s-+" (regexp-opt jcl-types 'symbols)) 2 font-lock-type-face)))

(defconst jcl-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?' "\"" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?_ "_" table)
    table))

(defconst jcl--header
  (concat "^\\s-*"
          (regexp-opt (append jcl-definitions jcl-sections jcl-statements jcl-followers) t)
          "\\_>[^#\n]*:\\s-*\\(?:#.*\\)?$")
  "A line that the next one is deeper than.")

(defun jcl-indent-line ()
  "Indent as the line above, one more below a header; at a second time, one less."
  (interactive)
  (let* ((now (current-indentation))
         (wanted (save-excursion
                   (beginning-of-line)
                   (if (not (re-search-backward "^\\s-*[^#[:space:]\n]" nil t))
                       0
                     (+ (current-indentation) (if (looking-at-p jcl--header) tab-width 0))))))
    (when (and (eq this-command last-command) (> now 0))
      (setq wanted (max 0 (- now tab-width))))
    (if (<= (current-column) now)
        (indent-line-to wanted)
      (save-excursion (indent-line-to wanted)))))

;;;###autoload
(define-derived-mode jcl-mode prog-mode "JCL"
  "Workflows of JobCenter."
  (setq-local comment-start "# ")
  (setq-local comment-start-skip "#+\\s-*")
  (setq-local font-lock-defaults '(jcl-font-lock))
  (setq-local indent-line-function #'jcl-indent-line)
  (setq-local indent-tabs-mode t)
  (setq-local tab-width 4))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.wf\\'" . jcl-mode))
;;;###autoload
(add-to-list 'auto-mode-alist '("\\.ac\\'" . jcl-mode))

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs `((jcl-mode :language-id "jcl") . (,jcl-program "lsp"))))

(provide 'jcl-mode)
;;; jcl-mode.el ends here
