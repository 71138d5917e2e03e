#!/bin/sh
# allure-mocha 3.12.2 (Mocha 11.7.5): a failing `after` hook has no result, and neither has the test that a failing
# `before` hook kept from running: Mocha counts two failures and ends with 2, the results hold one test, passed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mocha@11.7.5 allure-mocha@3.12.2
cat >hooks.cjs <<'JS'
describe('cart', () => {
  it('adds', () => {});
  after(() => { throw new Error('cannot clean up'); });
});
describe('order', () => {
  before(() => { throw new Error('cannot begin'); });
  it('sends', () => {});
});
JS
npx mocha --reporter allure-mocha hooks.cjs >/dev/null 2>&1 && code=0 || code=$?
{
  echo "mocha: $code"
  node -e "
    const fs = require('fs');
    for (const name of fs.readdirSync('allure-results').filter((each) => each.endsWith('-result.json'))) {
      const { name: test, status } = JSON.parse(fs.readFileSync('allure-results/' + name));
      console.log(test + ': ' + status);
    }"
} >seen
cat >expected <<'TXT'
mocha: 2
adds: passed
TXT
diff expected seen && echo "as found: allure-mocha 3.12.2"
