/** Reports of coverage. What the tool prints gives the counts that its report must have. */

const js = {
  'cart.js': `function price(n) {
  if (n > 10) {
    return n * 2;
  }
  return n;
}
function never() {
  return 1;
}
module.exports = { price, never };
`,
  'b/other.js': 'exports.other = (x) => {\n  if (x) return 1;\n  return 2;\n};\n',
  'run.js':
    "const { price } = require('./cart.js');\nconst { other } = require('./b/other.js');\nprice(1);\nother(true);\n",
};
const bin = '$TOOLS/node_modules/.bin';

/** Istanbul's own numbers, in its summary as JSON. */
const summary = (text) => {
  const { total } = JSON.parse(/^\{"total":.*$/ms.exec(text)?.[0].replace(/\n\}\n[\s\S]*$/, '\n}') ?? '{}');
  return {
    lines: [total.lines.covered, total.lines.total],
    branches: [total.branches.covered, total.branches.total],
  };
};
const istanbul = (tool, reporter, file) =>
  `${bin}/${tool} --reporter=${reporter} --reporter=json-summary --reports-dir=cov --report-dir=cov node run.js >/dev/null; code=$?; mv cov/${file} out; cat cov/coverage-summary.json; exit $code`;
const c8 = (reporter, file) => istanbul('c8', reporter, file).replace('--report-dir=cov ', '');
const nyc = (reporter, file) => istanbul('nyc', reporter, file).replace('--reports-dir=cov ', '');

const python = {
  'cart.py':
    'def price(n):\n    if n > 10:\n        return n * 2\n    return n\n\ndef never():\n    return 1\n',
  'run.py': 'from cart import price\nprice(1)\n',
};
const pythonCounts = (text) => {
  const { totals } = JSON.parse(/^\{"meta".*$/m.exec(text)?.[0] ?? '{}');
  return {
    lines: [totals.covered_lines, totals.num_statements],
    branches: [totals.covered_branches ?? 0, totals.num_branches ?? 0],
  };
};

const c = {
  'cart.c':
    'int price(int n) {\n  if (n > 10)\n    return n * 2;\n  return n;\n}\nint never(void) {\n  return 1;\n}\nint main(void) {\n  return price(1) == 1 ? 0 : 1;\n}\n',
};
const build = 'gcc --coverage -O0 -o run cart.c && ./run';

export const coverage = {
  fixtures: [
    {
      name: 'c8-cobertura.xml',
      version: `${bin}/c8 --version`,
      files: js,
      run: c8('cobertura', 'cobertura-coverage.xml'),
      counts: summary,
    },
    {
      name: 'c8.info',
      version: `${bin}/c8 --version`,
      files: js,
      run: c8('lcovonly', 'lcov.info'),
      counts: summary,
    },
    {
      name: 'nyc-clover.xml',
      version: `${bin}/nyc --version`,
      files: js,
      run: nyc('clover', 'clover.xml'),
      counts: summary,
    },
    {
      name: 'nyc-cobertura.xml',
      version: `${bin}/nyc --version`,
      files: js,
      run: nyc('cobertura', 'cobertura-coverage.xml'),
      counts: summary,
    },
    {
      name: 'nyc.info',
      version: `${bin}/nyc --version`,
      files: js,
      run: nyc('lcovonly', 'lcov.info'),
      counts: summary,
    },
    {
      name: 'coverage-py.xml',
      version: '/usr/bin/python3 -m coverage --version',
      files: python,
      run: '/usr/bin/python3 -m coverage run --branch --source . run.py && /usr/bin/python3 -m coverage xml -o out && /usr/bin/python3 -m coverage json -o all.json && cat all.json',
      counts: pythonCounts,
    },
    {
      name: 'coverage-py.info',
      version: '/usr/bin/python3 -m coverage --version',
      files: python,
      run: '/usr/bin/python3 -m coverage run --source . run.py && /usr/bin/python3 -m coverage lcov -o out && /usr/bin/python3 -m coverage json -o all.json && cat all.json',
      counts: pythonCounts,
    },
    {
      name: 'gcovr.xml',
      version: 'gcovr --version',
      files: c,
      run: `${build}; gcovr --xml out && gcovr --json-summary`,
      counts: (text) => {
        const total = JSON.parse(/^\{.*\}$/ms.exec(text.trim())?.[0] ?? '{}');
        return {
          lines: [total.line_covered, total.line_total],
          branches: [total.branch_covered, total.branch_total],
        };
      },
    },
    {
      name: 'lcov.info',
      version: 'lcov --version',
      files: c,
      run: `${build}; lcov --rc lcov_branch_coverage=1 --capture --directory . --output-file out >/dev/null && lcov --rc lcov_branch_coverage=1 --summary out`,
      counts: (text) => {
        const of = (word) =>
          new RegExp(`${word}\\.+: [\\d.]+% \\((\\d+) of (\\d+)`).exec(text)?.slice(1).map(Number) ?? [0, 0];
        return { lines: of('lines'), branches: of('branches') };
      },
    },
    {
      name: 'phpunit-clover.xml',
      version: 'phpunit --version',
      files: {
        'src/Cart.php':
          '<?php\nclass Cart {\n  public function price($n) {\n    if ($n > 10) {\n      return $n * 2;\n    }\n    return $n;\n  }\n  public function never() {\n    return 1;\n  }\n}\n',
        'CartTest.php':
          "<?php\nrequire __DIR__ . '/src/Cart.php';\nclass CartTest extends PHPUnit\\Framework\\TestCase {\n  public function testPrice() { $this->assertSame(1, (new Cart)->price(1)); }\n}\n",
      },
      run: 'phpunit --do-not-cache-result --coverage-filter src --coverage-clover out --coverage-text CartTest.php',
      counts: (text) => {
        const [, covered, total] = /^ +Lines: +[\d.]+% \( *(\d+)\/ *(\d+)\)/m.exec(text) ?? [];
        return { lines: [Number(covered), Number(total)], branches: [0, 0] };
      },
    },
    {
      name: 'simplecov.json',
      version: 'ruby -e \'require "simplecov"; puts SimpleCov::VERSION\'',
      files: {
        'cart.rb': 'def price(n)\n  if n > 10\n    return n * 2\n  end\n  n\nend\n\ndef never\n  1\nend\n',
        'run.rb':
          "require 'simplecov'\nSimpleCov.formatters = [SimpleCov::Formatter::SimpleFormatter]\nSimpleCov.start { enable_coverage :branch }\nSimpleCov.at_exit { r = SimpleCov.result; r.format!; puts \"lines #{r.covered_lines} of #{r.total_lines}, branches #{r.covered_branches} of #{r.total_branches}\" }\nrequire_relative 'cart'\nprice(1)\n",
      },
      run: 'ruby run.rb && mv coverage/.resultset.json out',
      counts: (text) => {
        const [a, b, d, e] =
          /lines (\d+) of (\d+), branches (\d+) of (\d+)/.exec(text)?.slice(1).map(Number) ?? [];
        return { lines: [a, b], branches: [d, e] };
      },
    },
    {
      name: 'go.cov',
      version: 'go version',
      files: {
        'go.mod': 'module example.test/shop\n\ngo 1.19\n',
        'cart.go':
          'package shop\n\nfunc Price(n int) int {\n\tif n > 10 {\n\t\treturn n * 2\n\t}\n\treturn n\n}\n\nfunc Never() int { return 1 }\n',
        'cart_test.go':
          'package shop\nimport "testing"\nfunc TestPrice(t *testing.T) { if Price(1) != 1 { t.Fatal() } }\n',
      },
      run: 'go test -coverprofile=out . && go tool cover -func=out',
      counts: (text) => ({
        percent: Number(/^total:\s+\(statements\)\s+([\d.]+)%/m.exec(text)?.[1]),
        branches: [0, 0],
      }),
    },
  ],
};
