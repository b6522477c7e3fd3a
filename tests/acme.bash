# shellcheck shell=bash
# The system "acme", which uses all that a description has, with a server of its own in place of those that it names.

# start_acme SERVER [SED]: behind common_setup. SED: what else is changed in the description.
start_acme() {
    export HUB_PATH=pipelines HUB_STATE=state ACME_SHOP=acme ACME_USER=ann ACME_REFRESH=first-refresh
    mkdir -p pipelines/systems
    cp -r "$ROOT/tests/systems/acme" pipelines/systems/
    serve "$1" log
    echo pass-word >pass
    sed -i "s|https://{@shop}.example.com/|http://127.0.0.1:$(<port)/|; s|https://id.example.com/|http://127.0.0.1:$(<port)/|
        s|/etc/hub/acme|$PWD/pass|; s|\"rate\": \"2/s\", \"burst\": 40|\"rate\": \"900/s\"|; ${2-}" pipelines/systems/acme/system.json
}
