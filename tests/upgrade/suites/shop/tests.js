const { writeFileSync } = require('node:fs');

const code = Number(process.env.CODE ?? 0);
console.log(`tests of ${process.env.URL}`);
console.error('a line for people: grün');
const failure = code === 0 ? '' : '<failure message="expected 3 orders, found 2"/>';
writeFileSync(
  `${process.env.GANTRY_ARTIFACTS}/out.xml`,
  `<testsuite name="shop"><testcase classname="orders" name="counts">${failure}</testcase><testcase name="lists"/></testsuite>`,
);
process.exit(code);
