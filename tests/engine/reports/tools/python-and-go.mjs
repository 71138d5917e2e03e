/** Reports of Python's and Go's tools, from Debian's packages. */

const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);
const counts = (passed, failed, skipped, errored = 0) => ({ passed, failed, errored, skipped });

const pythonTests = `import unittest
import pytest

def test_passes(): pass
def test_fails(): assert 1 == 2, "not the same"
def test_throws(): raise ValueError("broken")
@pytest.mark.skip(reason="not on this machine")
def test_is_skipped(): pass
@pytest.mark.xfail(reason="known")
def test_is_expected_to_fail(): assert False
@pytest.mark.xfail(reason="known")
def test_passes_unexpectedly(): pass
@pytest.mark.xfail(strict=True, reason="must fail")
def test_passes_and_must_not(): pass
@pytest.mark.parametrize("n", [1, 2, "a b"])
def test_doubles(n): assert n * 2 == n + n
class TestCart:
    def test_adds(self): assert True
    def test_removes(self): assert False, "still there"
@pytest.fixture
def broken(): raise RuntimeError("db down")
def test_set_up_fails(broken): pass
@pytest.fixture
def leaky():
    yield
    raise RuntimeError("left over")
def test_tear_down_fails(leaky): pass
def test_fails_and_tear_down_fails(leaky): assert False, "and the test too"
`;
const pythonCounts = (text) => {
  const line = text.split('\n').findLast((each) => /^=* ?(?:\d+|no tests) .* in [\d.]+s/.test(each)) ?? '';
  const of = (word) => number(line, new RegExp(`(\\d+) ${word}\\b`));
  return counts(
    of('passed') + of('xpassed'),
    of('failed'),
    of('skipped') + of('xfailed'),
    of('error') + of('errors'),
  );
};
const pytest = '/usr/bin/python3 -m pytest -p no:cacheprovider -q -rA';

const goTests = `package shop
import ("os"; "testing")
func TestPasses(t *testing.T) {}
func TestFails(t *testing.T) { t.Log("looking"); t.Errorf("got %d, want %d", 1, 2) }
func TestSkipped(t *testing.T) { t.Skip("not on this machine") }
func TestDoubles(t *testing.T) {
  for _, n := range []string{"one", "two"} { t.Run(n, func(t *testing.T) { if n == "x" { t.Fatal() } }) }
}
func TestGroup(t *testing.T) { t.Run("inner", func(t *testing.T) { t.Fatal("in the subtest") }) }
func TestFlaky(t *testing.T) {
  if _, err := os.Stat("tried"); err != nil { os.WriteFile("tried", nil, 0o600); t.Fatal("first try") }
}
`;
const goFiles = { 'go.mod': 'module example.test/shop\n\ngo 1.19\n', 'ok/a_test.go': goTests };
const gotestsumCounts = (text) => {
  const line = text.split('\n').findLast((each) => each.startsWith('DONE ')) ?? '';
  const of = (word) => number(line, new RegExp(`(\\d+) ${word}`));
  const [tests, failed, skipped] = [of('tests?'), of('failures?'), of('skipped')];
  return counts(tests - failed - skipped, failed, skipped, of('errors?'));
};
const goVersion = 'gotestsum --version; go version';

export const pythonAndGo = {
  fixtures: [
    {
      differs: {
        counts: counts(6, 9, 2),
        why: 'pytest counts a test whose tear-down fails twice, as passed and as an error.',
      },
      name: 'pytest.xml',
      version: '/usr/bin/python3 -m pytest --version',
      files: { 'test_shop.py': pythonTests, 'test_broken.py': 'this is no Python' },
      run: `${pytest} --continue-on-collection-errors --junit-xml=out`,
      counts: pythonCounts,
    },
    {
      name: 'pytest-only-xfail.xml',
      version: '/usr/bin/python3 -m pytest --version',
      files: {
        'test_shop.py':
          'import pytest\ndef test_passes(): pass\n@pytest.mark.xfail\ndef test_known(): assert False\n',
      },
      run: `${pytest} --junit-xml=out`,
      counts: pythonCounts,
    },
    {
      name: 'pytest-reruns.xml',
      version: '/usr/bin/python3 -m pytest --version',
      files: {
        'test_shop.py':
          'tries = 0\ndef test_flaky():\n    global tries\n    tries += 1\n    assert tries > 1, "first try"\ndef test_never(): assert False, "again"\ndef test_passes(): pass\n',
      },
      run: `${pytest} --reruns 2 --junit-xml=out`,
      counts: pythonCounts,
    },
    {
      differs: {
        counts: counts(1, 1, 0),
        why: 'pytest-subtests counts subtests; the report names the test alone.',
      },
      name: 'pytest-subtests.xml',
      version: '/usr/bin/python3 -m pytest --version',
      files: {
        'test_shop.py':
          'def test_each(subtests):\n    for n in range(3):\n        with subtests.test(n=n):\n            assert n != 1, "not one"\ndef test_passes(): pass\n',
      },
      run: `${pytest} --junit-xml=out`,
      counts: pythonCounts,
    },
    {
      name: 'pytest-none.xml',
      version: '/usr/bin/python3 -m pytest --version',
      files: { 'test_shop.py': '' },
      run: `${pytest} --junit-xml=out`,
      counts: pythonCounts,
    },
    {
      name: 'gotestsum.xml',
      version: goVersion,
      files: goFiles,
      run: 'gotestsum --junitfile out',
      counts: gotestsumCounts,
    },
    {
      differs: {
        counts: counts(5, 0, 1),
        why: 'gotestsum counts every try; here they are attempts of one case.',
      },
      name: 'gotestsum-reruns.xml',
      version: goVersion,
      files: { ...goFiles, 'ok/a_test.go': goTests.replace(/^func Test(?:Fails|Group).*$/gm, '') },
      run: 'gotestsum --rerun-fails=2 --packages ./... --junitfile out',
      counts: gotestsumCounts,
    },
    {
      differs: {
        counts: counts(5, 3, 1),
        why: 'gotestsum counts every try; here they are attempts of one case.',
      },
      name: 'gotestsum-reruns-in-vain.xml',
      version: goVersion,
      files: goFiles,
      run: 'gotestsum --rerun-fails=1 --packages ./... --junitfile out',
      counts: gotestsumCounts,
    },
    {
      name: 'gotestsum-build-error.xml',
      version: goVersion,
      files: {
        ...goFiles,
        'ok/a_test.go': 'package shop\nfunc Test(',
        'fine/a_test.go': 'package fine\nimport "testing"\nfunc TestPasses(t *testing.T) {}\n',
      },
      run: 'gotestsum --junitfile out',
      counts: gotestsumCounts,
    },
    {
      name: 'go-test.json',
      version: 'go version',
      files: goFiles,
      run: 'go test -json ./... >out; code=$?; rm ok/tried; gotestsum; exit $code',
      counts: gotestsumCounts,
    },
    {
      name: 'go-test-panic.json',
      version: 'go version',
      files: {
        ...goFiles,
        'ok/a_test.go':
          'package shop\nimport "testing"\nfunc TestPasses(t *testing.T) {}\nfunc TestPanics(t *testing.T) { panic("broken") }\nfunc TestNever(t *testing.T) {}\n',
      },
      run: 'go test -json ./... >out; code=$?; gotestsum; exit $code',
      counts: gotestsumCounts,
    },
    {
      name: 'go-test-build-error.json',
      version: 'go version',
      files: { ...goFiles, 'ok/a_test.go': 'package shop\nfunc Test(' },
      run: 'go test -json ./... >out; code=$?; gotestsum; exit $code',
      counts: gotestsumCounts,
    },
  ],
};
