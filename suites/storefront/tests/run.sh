#!/bin/sh
# Runs one test file: for people on the output, as JUnit among the artifacts.
mkdir -p "$GANTRY_ARTIFACTS/reports"
exec node \
  --test-reporter spec --test-reporter-destination stdout \
  --test-reporter junit --test-reporter-destination "$GANTRY_ARTIFACTS/reports/junit.xml" \
  "$1"
