;;; emacs.el --- The page docs/editors/emacs.md, tried in a real Emacs  -*- lexical-binding: t; -*-

;; `make test-emacs' runs it without a screen: `jcl-test-eglot' and `jcl-test-lsp-mode', each in an Emacs of its own that is set up by
;; the page's words.  An error ends it with a status that is not 0.

(require 'cl-lib)
(require 'subr-x)
(package-initialize)  ; which an Emacs with a screen does by itself

(defconst jcl-test-root
  (expand-file-name "../.." (file-name-directory (or load-file-name buffer-file-name))))

(defconst jcl-test-good
  (concat "workflow good:\n\tin:\n\t\tn\tinteger\n\tout:\n\t\tn\tinteger\n\tdo:\n\t\tcall add:\n\t\t\tn = a.n\n"
          "\t\tinto:\n\t\t\tn=o.n\n\twfomap:\n\t\t<n>\n"))

(defconst jcl-test-files
  `(("jcc.toml" . "")
    ("add.ac" . "action add:\n\tin:\n\t\tn\tinteger\n\tout:\n\t\tn\tinteger\n")
    ("good.wf" . ,jcl-test-good)
    ("bad.wf" . ,(string-replace "call add" "call ad" (string-replace "good" "bad" jcl-test-good)))))

(defun jcl-test-project ()
  "A new folder with two workflows, of which one has a mistake in its line 7."
  (let ((folder (make-temp-file "jcl" t)))
    (pcase-dolist (`(,name . ,text) jcl-test-files)
      (write-region text nil (expand-file-name name folder) nil 'silent))
    folder))

(defun jcl-test-configuration (number)
  "Evaluate the page's configuration of a NUMBER, counted from 1."
  (with-temp-buffer
    (insert-file-contents (expand-file-name "docs/editors/emacs.md" jcl-test-root))
    (search-forward "```elisp\n" nil nil number)
    (let* ((start (point))
           (text (buffer-substring start (progn (search-forward "```") (match-beginning 0)))))
      (with-temp-buffer
        (insert (string-replace "/path/to/jobcenter" jcl-test-root text))
        (eval-buffer)))))

(defun jcl-test-wait (what)
  "Wait until the function WHAT gives something, and give that."
  (let ((until (time-add nil 60)) found)
    (while (and (not (setq found (funcall what))) (time-less-p nil until))
      (accept-process-output nil 0.05))
    (or found (error "Waited in vain for %S" what))))

(defun jcl-test-open (folder name)
  "Visit the file NAME in FOLDER, and do what waits for the first command there."
  (find-file (expand-file-name name folder))
  (cl-assert (eq major-mode 'jcl-mode) t)
  (run-hooks 'post-command-hook)
  (goto-char (point-min))
  (font-lock-ensure)
  (cl-assert (eq (get-text-property (point) 'face) 'font-lock-keyword-face) t))

(defun jcl-test-names ()
  "What is offered at point."
  (pcase-let ((`(,_ ,_ ,table . ,_)
               (run-hook-with-args-until-success 'completion-at-point-functions)))
    (mapcar #'substring-no-properties (all-completions "" table))))

(defun jcl-test-renamed ()
  "Check that `n' of `into:' has become `total', and that the text is in good style."
  (cl-assert (string-search "\t\t\ttotal = o.n\n\twfomap:\n\t\tn = v.total\n" (buffer-string)) t
             "the text is %S" (buffer-string)))

(defvar eglot-sync-connect)
(declare-function eglot-managed-p "eglot")
(declare-function eglot-rename "eglot")
(declare-function eglot-format-buffer "eglot")
(declare-function eglot-hover-eldoc-function "eglot")
(declare-function flymake-diagnostics "flymake")
(declare-function flymake-diagnostic-text "flymake")

(defun jcl-test-indentation ()
  "Lines are indented by what stands above, at a second time less."
  (with-temp-buffer
    (jcl-mode)
    (insert "\tdo:  # why\n\t\teval:\n")
    (call-interactively #'indent-for-tab-command)
    (cl-assert (= (current-indentation) (* 3 tab-width)) t)
    (insert "x = 1\n")
    (let ((last-command 'jcl-indent-line) (this-command 'jcl-indent-line))
      (indent-line-to (* 3 tab-width))
      (jcl-indent-line))
    (cl-assert (= (current-indentation) (* 2 tab-width)) t)))

(defun jcl-test-eglot ()
  "Findings, completion, hover, rename, formatting and definition by Eglot."
  (require 'eglot)
  (jcl-test-configuration 1)
  (setq eglot-sync-connect 60)
  (jcl-test-indentation)
  (let ((folder (jcl-test-project)) said)
    (jcl-test-open folder "bad.wf")
    (jcl-test-wait #'eglot-managed-p)
    (let ((found (jcl-test-wait #'flymake-diagnostics)))
      (cl-assert (string-search "`ad`" (flymake-diagnostic-text (car found))) t))
    (search-forward "call ad")
    (cl-assert (member "add" (jcl-test-names)) t)
    (search-forward "a.n")
    (backward-char)
    (eglot-hover-eldoc-function (lambda (text &rest _) (setq said text)))
    (cl-assert (string-search "integer" (jcl-test-wait (lambda () said))) t)
    (jcl-test-open folder "good.wf")
    (search-forward "into:\n\t\t\t")
    (eglot-rename "total")
    (eglot-format-buffer)
    (jcl-test-renamed)
    (goto-char (point-min))
    (search-forward "call ad")
    (call-interactively #'xref-find-definitions)
    (cl-assert (equal (buffer-name) "add.ac") t)
    (set-buffer-modified-p nil)
    (delete-directory folder t))
  (message "Eglot: good"))

(defvar lsp-session-file)
(defvar lsp-enable-file-watchers)
(declare-function lsp "lsp-mode")
(declare-function lsp-workspaces "lsp-mode")
(declare-function lsp-workspace-folders-add "lsp-mode")
(declare-function lsp-diagnostics "lsp-mode")
(declare-function lsp-request "lsp-mode")
(declare-function lsp--text-document-position-params "lsp-mode")
(declare-function lsp-rename "lsp-mode")
(declare-function lsp-format-buffer "lsp-mode")

(defun jcl-test-lsp-mode ()
  "The same by lsp-mode."
  (add-to-list 'load-path (expand-file-name "editors/emacs" jcl-test-root))
  (require 'jcl-mode)
  (require 'lsp-mode)
  (jcl-test-configuration 2)
  (let* ((folder (jcl-test-project))
         (lsp-session-file (expand-file-name "session" folder))
         (lsp-enable-file-watchers nil))
    (lsp-workspace-folders-add folder)
    (jcl-test-open folder "bad.wf")
    (lsp)
    (jcl-test-wait #'lsp-workspaces)
    (jcl-test-wait (lambda () (gethash buffer-file-name (lsp-diagnostics))))
    (search-forward "call ad")
    (cl-assert (member "add" (jcl-test-names)) t)
    (search-forward "a.n")
    (backward-char)
    (cl-assert (lsp-request "textDocument/hover" (lsp--text-document-position-params)) t)
    (jcl-test-open folder "good.wf")
    (lsp)
    (search-forward "into:\n\t\t\t")
    (lsp-rename "total")
    (lsp-format-buffer)
    (jcl-test-renamed)
    (set-buffer-modified-p nil)
    (delete-directory folder t))
  (message "lsp-mode: good"))

;;; emacs.el ends here
