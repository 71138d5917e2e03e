#!/bin/sh
# jest-junit 17.0.0 (Jest 30.5.2): a test file that cannot be loaded is not in the report, and the report's totals say
# that nothing failed, while Jest itself ends with 1. With `reportTestSuiteErrors` it is there as a suite with an error
# and tests="0": a reader who adds up tests does not see it either.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund jest@30.5.2 jest-junit@17.0.0
echo "throw new Error('cannot be loaded');" >broken.test.js
echo "test('works', () => {});" >good.test.js
run() { npx jest --silent --reporters=jest-junit >/dev/null 2>&1 && echo "jest: 0" || echo "jest: $?"; }
counts() { grep '<testsuite' junit.xml | grep -o '<testsuites\{0,1\}\| \(tests\|failures\|errors\)="[0-9]*"' | tr -d '\n' | sed 's/</\n</g'; echo; }
{ run; counts; } >seen
JEST_JUNIT_REPORT_TEST_SUITE_ERRORS=true run >>seen
counts >>seen
cat >expected <<'TXT'
jest: 1

<testsuites tests="1" failures="0" errors="0"
<testsuite errors="0" failures="0" tests="1"
jest: 1

<testsuites tests="1" failures="0" errors="1"
<testsuite errors="1" failures="0" tests="0"
<testsuite errors="0" failures="0" tests="1"
TXT
diff expected seen && echo "as found: jest-junit 17.0.0"
