#!/bin/sh
# mocha-trx-reporter 3.3.1 (Mocha 11.7.5): a failing `after` hook is not in the report: Mocha ends with 1, the report
# counts one test, passed, none failed, and calls its outcome "Completed". A failing `before` hook is there, as the failure of the first test.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mocha@11.7.5 mocha-trx-reporter@3.3.1
cat >hooks.cjs <<'JS'
describe('cart', () => {
  it('adds', () => {});
  after(() => { throw new Error('cannot clean up'); });
});
JS
npx mocha --reporter mocha-trx-reporter --reporter-options output=report.trx hooks.cjs >/dev/null 2>&1 && code=0 || code=$?
{
  echo "mocha: $code"
  grep -o ' \(total\|passed\|failed\)="[0-9]*"' report.trx
  grep -o 'ResultSummary outcome="[A-Za-z]*"' report.trx
} >seen
cat >expected <<'TXT'
mocha: 1
 total="1"
 passed="1"
 failed="0"
ResultSummary outcome="Completed"
TXT
diff expected seen && echo "as found: mocha-trx-reporter 3.3.1"
