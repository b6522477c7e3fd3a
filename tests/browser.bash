# shellcheck shell=bash
# Chromium without a window, which reaches no host but this one.

browser() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

# browse PAGE [OPTION...]: what the browser makes of a file: its DOM. All that it logs, also of its console, goes to browser.log.
browse() {
    local page=$1 profile
    shift
    profile=$(mktemp -d "$PWD/profile.XXXXXX")
    timeout 120 "$(browser)" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' \
        --user-data-dir="$profile" --enable-logging=stderr --v=0 --dump-dom "$@" "file://$PWD/$page" 2>browser.log
}

# console: what the page wrote there, errors too.
console() { grep -o 'CONSOLE.*' browser.log || true; }
