#!/bin/sh
# The pricing tests with V8's own coverage, exported as Cobertura.
export NODE_V8_COVERAGE="$(mktemp -d)"
sh tests/run.sh tests/pricing.test.mjs || exit 1
node coverage/to-cobertura.mjs shared/pricing.mjs
