/** Reports of Maven Surefire, JaCoCo and NUnit, from Debian's packages. */

const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);
const counts = (passed, failed, skipped, errored = 0) => ({ passed, failed, errored, skipped });

const plugin = (name, version) =>
  `<plugin><artifactId>maven-${name}-plugin</artifactId><version>${version}</version></plugin>`;
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>test.example</groupId><artifactId>shop</artifactId><version>1</version>
<properties><maven.compiler.source>8</maven.compiler.source><maven.compiler.target>8</maven.compiler.target><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
<dependencies><dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.x</version><scope>test</scope></dependency></dependencies>
<build><plugins>${plugin('surefire', '2.22.3')}${plugin('compiler', '3.10.1')}${plugin('resources', '3.3.0')}</plugins></build></project>
`;
const junitTests = `import org.junit.*;
import static org.junit.Assert.*;
public class CartTest {
  static int tries = 0;
  @Test public void passes() { System.out.println("some output"); }
  @Test public void fails() { assertEquals("not the same", 1, 2); }
  @Test public void breaks() { throw new IllegalStateException("broken"); }
  @Ignore("not on this machine") @Test public void skipped() {}
  @Test public void assumes() { Assume.assumeTrue("no database", false); }
  @Test public void flaky() { assertTrue("first try", ++tries > 1); }
}
`;
const maven =
  'mvn -o -B -Dmaven.repo.local=/usr/share/maven-repo test -Dsurefire.rerunFailingTestsCount=2; code=$?; sed -i "/<property /d" target/surefire-reports/TEST-CartTest.xml; mv target/surefire-reports/TEST-CartTest.xml out; exit $code';
const surefireCounts = (text) => {
  const line = text.split('\n').findLast((each) => /Tests run: \d+/.test(each)) ?? '';
  const of = (word) => number(line, new RegExp(`${word}: (\\d+)`));
  return counts(
    of('Tests run') - of('Failures') - of('Errors') - of('Skipped'),
    of('Failures'),
    of('Skipped'),
    of('Errors'),
  );
};

const nunitTests = `using NUnit.Framework; using System;
namespace Shop {
  [TestFixture] public class CartTest {
    [Test] public void Passes() {}
    [Test] public void Fails() { Assert.AreEqual(1, 2, "not the same"); }
    [Test] public void Throws() { throw new Exception("broken"); }
    [Test, Ignore("not on this machine")] public void Skipped() {}
    [Test] public void Unsure() { Assert.Inconclusive("who knows"); }
    [TestCase(1)] [TestCase(2)] public void Doubles(int n) { Assert.AreEqual(n * 2, n + n); }
  }
  [TestFixture] public class Broken { [TestFixtureSetUp] public void Up() { throw new Exception("db down"); } [Test] public void One() {} }
}
`;

const jacoco = `import java.io.*;
import org.jacoco.core.analysis.*;
import org.jacoco.core.tools.*;
import org.jacoco.report.*;
import org.jacoco.report.csv.*;
import org.jacoco.report.xml.*;
public class Report {
  public static void main(String[] given) throws Exception {
    ExecFileLoader loader = new ExecFileLoader();
    loader.load(new File("jacoco.exec"));
    CoverageBuilder builder = new CoverageBuilder();
    new Analyzer(loader.getExecutionDataStore(), builder).analyzeAll(new File("classes"));
    write(new XMLFormatter().createVisitor(new FileOutputStream("out")), loader, builder);
    write(new CSVFormatter().createVisitor(System.out), loader, builder);
  }
  static void write(IReportVisitor visitor, ExecFileLoader loader, CoverageBuilder builder) throws IOException {
    visitor.visitInfo(loader.getSessionInfoStore().getInfos(), loader.getExecutionDataStore().getContents());
    visitor.visitBundle(builder.getBundle("shop"), null);
    visitor.visitEnd();
  }
}
`;
const shop = `package shop;
public class Cart {
  static int price(int n) {
    if (n > 10) {
      return n * 2;
    }
    return n;
  }
  static int never() {
    return 1;
  }
  public static void main(String[] given) {
    price(1);
  }
}
`;
const jars =
  '$(ls /usr/share/java/org.jacoco.core.jar /usr/share/java/org.jacoco.report.jar /usr/share/java/asm*.jar | tr "\\n" ":")';

export const javaAndDotnet = {
  fixtures: [
    {
      name: 'surefire.xml',
      version: 'mvn --version | head -1; echo surefire 2.22.3',
      files: { 'pom.xml': pom, 'src/test/java/CartTest.java': junitTests },
      run: maven,
      counts: surefireCounts,
    },
    {
      name: 'surefire-flaky.xml',
      version: 'mvn --version',
      files: {
        'pom.xml': pom,
        'src/test/java/CartTest.java': junitTests.replace(/^.* (?:fails|breaks)\(\).*$/gm, ''),
      },
      run: maven,
      counts: surefireCounts,
    },
    {
      name: 'nunit-2.xml',
      version: `dpkg-query -W -f 'nunit-console \${Version}' nunit-console`,
      files: { 'a.cs': nunitTests },
      run: 'mcs -target:library -pkg:nunit -out:a.dll a.cs && nunit-console -nologo -xml:out a.dll',
      counts: (text) => {
        const of = (word) => number(text, new RegExp(`${word}: (\\d+)`));
        const [failed, errored, unsure] = [of('Failures'), of('Errors'), of('Inconclusive')];
        return counts(
          of('Tests run') - failed - errored - unsure,
          failed,
          unsure + of('Ignored') + of('Skipped'),
          errored,
        );
      },
    },
    {
      name: 'jacoco.xml',
      version: `dpkg-query -W -f 'jacoco \${Version}' libjacoco-java`,
      files: { 'Cart.java': shop, 'Report.java': jacoco },
      run: `javac --release 8 -d classes Cart.java && unzip -q /usr/share/java/org.jacoco.agent.jar jacocoagent.jar && java -javaagent:jacocoagent.jar=destfile=jacoco.exec,includes=shop.* -cp classes shop.Cart && javac -cp ${jars} -d tool Report.java && java -cp tool:${jars} Report`,
      counts: (text) => {
        const [, ...columns] = /^shop,shop,Cart,\d+,\d+,(\d+),(\d+),(\d+),(\d+)/m.exec(text) ?? [];
        const [branchesMissed, branchesCovered, linesMissed, linesCovered] = columns.map(Number);
        return {
          lines: [linesCovered, linesCovered + linesMissed],
          branches: [branchesCovered, branchesCovered + branchesMissed],
        };
      },
    },
  ],
};
