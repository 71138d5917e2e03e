import type { ReportFormat } from '../../model/report';
import { createCloverReader } from './coverage/clover';
import { createCoberturaReader } from './coverage/cobertura';
import { createGoCoverReader } from './coverage/go-cover';
import { createJacocoReader } from './coverage/jacoco';
import { createLcovReader } from './coverage/lcov';
import { readSimplecov } from './coverage/simplecov';
import { createJsonReader } from './input/json-reader';
import { createJunitReader } from './junit/junit-reader';
import type { ReportReader } from './report-reader';
import { readAllure } from './results/allure';
import { readCtrf } from './results/ctrf';
import { readCucumber } from './results/cucumber';
import { createGoTestReader } from './results/go-test';
import { createNunitReader } from './results/nunit';
import { readPlaywright } from './results/playwright';
import { createTapReader } from './results/tap';
import { createTrxReader } from './results/trx';
import { createXunitReader } from './results/xunit-net';

export const readers: Record<ReportFormat, () => ReportReader> = {
  junit: createJunitReader,
  tap: createTapReader,
  ctrf: () => createJsonReader(readCtrf),
  'go-test': createGoTestReader,
  trx: createTrxReader,
  xunit: createXunitReader,
  nunit: createNunitReader,
  allure: () => createJsonReader(readAllure),
  playwright: () => createJsonReader(readPlaywright),
  cucumber: () => createJsonReader(readCucumber),
  cobertura: createCoberturaReader,
  lcov: createLcovReader,
  jacoco: createJacocoReader,
  clover: createCloverReader,
  simplecov: () => createJsonReader(readSimplecov),
  'go-cover': createGoCoverReader,
};
