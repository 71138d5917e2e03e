/** Reports of C++, shell, PHP, Ruby and Perl tools, from Debian's packages. */

const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);
const counts = (passed, failed, skipped, errored = 0) => ({ passed, failed, errored, skipped });

const gtest = `#include <gtest/gtest.h>
TEST(Cart, Passes) {}
TEST(Cart, Fails) { EXPECT_EQ(1, 2) << "not the same"; EXPECT_TRUE(false); }
TEST(Cart, Throws) { throw std::runtime_error("broken"); }
TEST(Cart, Skipped) { GTEST_SKIP() << "not on this machine"; }
TEST(Cart, FailsThenSkips) { ADD_FAILURE() << "first"; GTEST_SKIP() << "then"; }
TEST(Cart, DISABLED_Off) {}
class Each : public testing::TestWithParam<int> {};
TEST_P(Each, Doubles) { EXPECT_EQ(GetParam() * 2, GetParam() + GetParam()); }
INSTANTIATE_TEST_SUITE_P(Numbers, Each, testing::Values(1, 2));
class Broken : public testing::Test { protected: void SetUp() override { FAIL() << "db down"; } };
TEST_F(Broken, One) {}
`;
const gtestCounts = (text) => {
  const of = (word) => number(text, new RegExp(`^\\[  ${word}  \\] (\\d+) tests?[.,]`, 'm'));
  const failed = number(text, /^ ?(\d+) FAILED TESTS?/m);
  const skipped = number(text, /^\[ {2}SKIPPED \] (\d+) tests?/m);
  return counts(
    of('PASSED'),
    failed,
    skipped - number(text, /(\d+) both/) + number(text, /YOU HAVE (\d+) DISABLED/),
  );
};
const catch2 = `#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
TEST_CASE("passes") { REQUIRE(1 == 1); }
TEST_CASE("fails") { CHECK(1 == 2); CHECK(2 == 3); }
TEST_CASE("throws") { throw std::runtime_error("broken"); }
TEST_CASE("may fail", "[!mayfail]") { CHECK(1 == 2); }
TEST_CASE("should fail", "[!shouldfail]") { CHECK(1 == 2); }
TEST_CASE("cart") { SECTION("empty") { CHECK(true); } SECTION("full") { SECTION("refuses") { CHECK(false); } } }
`;
const compile = (file, more) =>
  `g++ -std=c++17 -o run ${file} ${more} >build.log 2>&1 || { cat build.log; exit 99; }`;

const ctest = `cmake_minimum_required(VERSION 3.20)
project(shop NONE)
enable_testing()
add_test(NAME passes COMMAND true)
add_test(NAME fails COMMAND sh -c "echo what went wrong; false")
add_test(NAME disabled COMMAND true)
set_tests_properties(disabled PROPERTIES DISABLED TRUE)
add_test(NAME skips COMMAND sh -c "exit 77")
set_tests_properties(skips PROPERTIES SKIP_RETURN_CODE 77)
add_test(NAME missing COMMAND ./nothere)
add_test(NAME times_out COMMAND sleep 5)
set_tests_properties(times_out PROPERTIES TIMEOUT 1)
add_test(NAME will_fail COMMAND false)
set_tests_properties(will_fail PROPERTIES WILL_FAIL TRUE)
add_test(NAME crashes COMMAND sh -c "kill -SEGV $$")
add_test(NAME prepare COMMAND false)
set_tests_properties(prepare PROPERTIES FIXTURES_SETUP db)
add_test(NAME needs_db COMMAND true)
set_tests_properties(needs_db PROPERTIES FIXTURES_REQUIRED db)
`;
const ctestCounts = (text) => {
  const [, failed = '0', total = '0'] = /(\d+) tests failed out of (\d+)/.exec(text) ?? [];
  const skipped = (text.match(/^\s*\d+ - \S+ \((?:Disabled|Skipped)\)/gm) ?? []).length;
  const disabled = (text.match(/\(Disabled\)$/gm) ?? []).length;
  return counts(Number(total) - Number(failed) - (skipped - disabled), Number(failed), skipped);
};

const bats = `@test "passes" { true; }
@test "fails" { echo "some output"; [ 1 -eq 2 ]; }
@test "is skipped" { skip "not on this machine"; }
@test "has \\"quotes\\" & <brackets>" { true; }
`;
const tapCounts = (text) => {
  const lines = text.split('\n');
  const of = (pattern) => lines.filter((line) => pattern.test(line)).length;
  return counts(of(/^ok \d+(?!.*# skip)/), of(/^not ok/), of(/^ok \d+.*# skip/));
};

const phpTests = `<?php
use PHPUnit\\Framework\\TestCase;
class CartTest extends TestCase {
  public function testPasses() { $this->assertTrue(true); }
  public function testFails() { $this->assertSame(1, 2, 'not the same'); }
  public function testThrows() { throw new RuntimeException('broken'); }
  public function testSkipped() { $this->markTestSkipped('not on this machine'); }
  public function testIncomplete() { $this->markTestIncomplete('one day'); }
  /** @dataProvider numbers */
  public function testDoubles($n) { $this->assertSame($n * 2, $n + $n); }
  public function numbers() { return [[1], 'two' => [2]]; }
}
`;
const riskyTests = `<?php
class RiskyTest extends PHPUnit\\Framework\\TestCase {
  public function testPasses() { $this->assertTrue(true); }
  public function testRisky() {}
  public function testWarns() { $this->addWarning('take care'); $this->assertTrue(true); }
}
`;
const phpCounts = (text) => {
  const ok = number(text, /^OK \((\d+) tests?/m);
  if (ok) return counts(ok, 0, 0);
  const line = /^Tests: .*$/m.exec(text)?.[0] ?? '';
  const of = (word) => number(line, new RegExp(`${word}: (\\d+)`));
  const [failed, errored] = [of('Failures'), of('Errors')];
  const others = of('Skipped') + of('Incomplete') + of('Risky') + of('Warnings');
  return counts(of('Tests') - failed - errored - others, failed, others, errored);
};

const ruby = `RSpec.describe 'Cart' do
  it('passes') { expect(1).to eq(1) }
  it('fails') { expect(1).to eq(2) }
  it('throws') { raise 'broken' }
  xit('is skipped') { }
  it('is pending and fails') { pending('known'); expect(1).to eq(2) }
  it 'is not written'
  [1, 2].each { |n| it("doubles #{n}") { expect(n * 2).to eq(n + n) } }
  context('when full') { it('refuses') { expect(true).to be(false) } }
  context('with a hook that fails') { before { raise 'db down' }; it('one') { } }
end
`;
const rspecCounts = (text) => {
  const line = /^\d+ examples?, .*$/m.exec(text)?.[0] ?? '';
  const of = (word) => number(line, new RegExp(`(\\d+) ${word}`));
  const [all, failed, pending] = [of('examples?'), of('failures?'), of('pending')];
  return counts(all - failed - pending, failed, pending, of('errors? occurred'));
};

const perl = `use Test::More;
ok(1, 'passes');
is(1, 2, 'fails');
SKIP: { skip 'not on this machine', 1; ok(0, 'never'); }
TODO: { local $TODO = 'one day'; ok(0, 'is to be done'); }
TODO: { local $TODO = 'done by now'; ok(1, 'is done'); }
subtest 'group' => sub { ok(1, 'inside'); ok(1, 'too'); };
done_testing();
`;

export const otherLanguages = {
  fixtures: [
    {
      name: 'googletest.xml',
      version: `dpkg-query -W -f 'googletest \${Version}' libgtest-dev`,
      files: { 'a.cpp': gtest },
      run: `${compile('a.cpp', '-lgtest -lgtest_main -lpthread')}; ./run --gtest_output=xml:out`,
      counts: gtestCounts,
    },
    {
      differs: {
        counts: counts(2, 3, 2),
        why: 'Catch2 prints test cases, and its report has their sections.',
      },
      name: 'catch2.xml',
      version: `dpkg-query -W -f 'catch2 \${Version}' catch2`,
      files: { 'a.cpp': catch2 },
      run: `${compile('a.cpp', '')}; ./run -r junit -o out; code=$?; ./run; exit $code`,
      counts: catchCounts,
    },
    {
      name: 'catch2-mayfail.xml',
      version: `dpkg-query -W -f 'catch2 \${Version}' catch2`,
      files: { 'a.cpp': catch2.replace(/^TEST_CASE\("(?:fails|throws|cart)".*$/gm, '') },
      run: `${compile('a.cpp', '')}; ./run -r junit -o out; code=$?; ./run; exit $code`,
      counts: catchCounts,
    },
    {
      name: 'ctest.xml',
      version: 'ctest --version',
      files: { 'CMakeLists.txt': ctest },
      run: 'cmake -S . -B build >/dev/null; ctest --test-dir build --output-junit ../out; code=$?; mv build/../out out 2>/dev/null; exit $code',
      counts: ctestCounts,
    },
    {
      name: 'bats.xml',
      version: 'bats --version',
      files: { 'a.bats': bats },
      run: 'bats --report-formatter junit --output . a.bats; code=$?; sleep 1; mv report.xml out; exit $code',
      counts: tapCounts,
    },
    {
      name: 'bats.tap',
      version: 'bats --version',
      files: { 'a.bats': bats },
      run: 'bats --tap a.bats >out; code=$?; cat out; exit $code',
      counts: tapCounts,
    },
    {
      name: 'phpunit.xml',
      version: 'phpunit --version',
      files: { 'CartTest.php': phpTests },
      run: 'phpunit --do-not-cache-result --log-junit out CartTest.php',
      counts: phpCounts,
    },
    {
      name: 'phpunit-risky.xml',
      version: 'phpunit --version',
      files: { 'RiskyTest.php': riskyTests },
      run: 'phpunit --do-not-cache-result --log-junit out RiskyTest.php',
      counts: phpCounts,
    },
    {
      differs: {
        counts: counts(1, 1, 1),
        why: 'With --fail-on-risky PHPUnit fails because of a risky test: it is an error then.',
      },
      name: 'phpunit-risky-fails.xml',
      version: 'phpunit --version',
      files: { 'RiskyTest.php': riskyTests },
      run: 'phpunit --do-not-cache-result --fail-on-risky --log-junit out RiskyTest.php',
      counts: phpCounts,
    },
    {
      name: 'rspec.xml',
      version: 'rspec --version',
      files: { 'cart_spec.rb': ruby },
      run: 'rspec --format progress --format RspecJunitFormatter --out out cart_spec.rb',
      counts: rspecCounts,
    },
    {
      differs: { counts: counts(0, 0, 0), why: "RSpec's formatter leaves out errors outside of examples." },
      name: 'rspec-broken.xml',
      version: 'rspec --version',
      files: { 'cart_spec.rb': 'this is no Ruby(' },
      run: 'rspec --format progress --format RspecJunitFormatter --out out cart_spec.rb',
      counts: rspecCounts,
    },
    {
      differs: {
        counts: counts(3, 1, 3),
        why: 'prove counts a group as one test; here its subtests are the cases.',
      },
      name: 'perl.tap',
      version: 'prove --version',
      files: { 'a.t': perl },
      run: 'perl a.t >out; prove a.t',
      counts: () => counts(2, 1, 3),
    },
    {
      differs: {
        counts: counts(4, 3, 0),
        why: 'TAP::Formatter::JUnit writes skipped tests and todos as passed, and the exit code as an error of the suite.',
      },
      name: 'perl-junit.xml',
      version: 'prove --version',
      files: { 'a.t': perl },
      run: 'prove --formatter TAP::Formatter::JUnit a.t >out; prove a.t',
      counts: () => counts(2, 1, 3),
    },
    {
      differs: {
        counts: counts(4, 0, 1),
        why: 'TAP::Formatter::JUnit writes skipped tests and todos as passed.',
      },
      name: 'perl-junit-todo.xml',
      version: 'prove --version',
      files: { 'a.t': perl.replace(/^is\(.*$/m, '') },
      run: 'prove --formatter TAP::Formatter::JUnit a.t >out; prove a.t',
      counts: () => counts(2, 0, 3),
    },
  ],
};

function catchCounts(text) {
  if (/All tests passed/.test(text)) return counts(number(text, /in (\d+) test cases?/), 0, 0);
  const line = /^test cases: .*$/m.exec(text)?.[0] ?? '';
  const of = (word) => number(line, new RegExp(`(\\d+) ${word}`));
  return counts(of('passed'), of('failed') - of('failed as expected'), of('failed as expected'));
}
