#!/bin/sh
# Runs a suite on the team's Gantry from any CI server: set GANTRY_URL, GANTRY_TOKEN and SUITE. The results are in
# results/; the exit code is 0 passed, 1 failed, 2 usage, 3 errored, 4 cancelled or timed out, 5 no answer or no right.
set -u
code=0
npx gantry run "${SUITE:-storefront}" --timeout 25m \
  --junit results/junit.xml --artifacts results/artifacts --summary results/summary.md || code=$?
case $code in
  0) echo 'The suite passed.' ;;
  1) echo 'The suite failed; results/junit.xml says where.' ;;
  *) echo "The suite has no result (code $code)." ;;
esac
exit "$code"
