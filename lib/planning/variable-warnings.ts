import type { PlannedNode } from '../model/node';
import { staysUp } from '../model/step-kind';
import { addressVariables, gantryVariables } from '../model/step-variables';
import { tracingVariables } from '../model/telemetry';
import { nearest } from '../suites/file/nearest';
import type { VariableUse } from '../suites/suite';
import type { FlatStep } from './flatten';

/** More of one kind are only counted. */
const maxWarnings = 100;
/** Names that a misspelt one is compared with. */
const maxCompared = 2_000;

/** Variables that shells, operating systems and well-known images set by themselves. */
const usuallySet = new RegExp(
  `^(?:${[
    'PATH|HOME|PWD|OLDPWD|SHELL|SHLVL|USER|LOGNAME|HOSTNAME|TERM|LANG|LC_\\w+|TZ|TMPDIR|IFS|PS[1-4]|PPID|UID|EUID',
    'RANDOM|SECONDS|LINENO|REPLY|OPTARG|OPTIND|FUNCNAME|PIPESTATUS|BASH\\w*|EPOCHSECONDS|DEBIAN_FRONTEND|LD_LIBRARY_PATH',
    'NODE_VERSION|YARN_VERSION|PYTHON\\w*|PIP_\\w+|JAVA_\\w+|JDK_\\w+|MAVEN_\\w+|GRADLE_\\w+|GO\\w+|RUBY\\w*|GEM_\\w+|BUNDLE_\\w+',
    'PHP_\\w+|COMPOSER_\\w+|PG\\w+|POSTGRES_\\w+|MYSQL_\\w+|MARIADB_\\w+|MONGO_\\w+|REDIS_\\w+|RABBITMQ_\\w+|NGINX_\\w+',
    'KAFKA_\\w+|ES_\\w+|CATALINA_\\w+|DOTNET_\\w+|ASPNETCORE_\\w+|CARGO_HOME|RUST\\w+|PLAYWRIGHT_\\w+|CHROME_\\w+',
  ].join('|')})$`,
);

/**
 * Warns of variables that a step uses in its script and that nothing sets, and of those in a list or in a value of `env`,
 * where nothing expands them. Each is named with its file, line and column.
 */
export function variableWarnings(planned: readonly FlatStep[], nodes: readonly PlannedNode[]): string[] {
  const warnings: string[] = [];
  let left = 0;
  const nodesById = new Map(nodes.map((node) => [node.id, node]));
  const services = nodes.filter(({ kind }) => staysUp(kind));
  const levels = new Set(planned.map(({ level }) => level));
  for (const { suite, prefix } of levels) {
    if (suite.variableUses.length === 0) continue;
    const addresses = addressesIn(prefix, services);
    for (const use of suite.variableUses) {
      const steps = use.step === null ? suite.steps.map(({ id }) => id) : [use.step];
      const affected = steps.flatMap((id) => nodesById.get(`${prefix}${id}`) ?? []);
      const node = affected.find((each) => isMistake(use, each, addresses));
      if (!node) continue;
      if (warnings.length < maxWarnings) warnings.push(sentence(use, prefix, namesOf(node, addresses)));
      else left += 1;
    }
  }
  if (left > 0) warnings.push(`${left} more variables are used in the same way.`);
  return warnings;
}

/** Lists the variables with the addresses of the services that the steps of a suite can reach. */
function addressesIn(prefix: string, services: readonly PlannedNode[]): ReadonlySet<string> {
  return new Set(
    services
      .filter(({ id }) => id.startsWith(prefix))
      .flatMap(({ id, ports }) =>
        addressVariables({ name: id.slice(prefix.length).replaceAll('/', '-'), ports }),
      ),
  );
}

function isMistake(use: VariableUse, node: PlannedNode, addresses: ReadonlySet<string>): boolean {
  // A layer above may have replaced the value.
  if (use.form === 'env' && !node.env[use.key ?? '']?.includes(use.token)) return false;
  const isSet = isKnown(use.name, node, addresses);
  if (use.form === 'script') return !isSet && !usuallySet.test(use.name);
  return isSet || ((use.form === 'env' || use.form === 'args') && use.token.startsWith('${'));
}

function isKnown(name: string, { env, secrets }: PlannedNode, addresses: ReadonlySet<string>): boolean {
  const isOwn = Object.hasOwn(env, name) || secrets.some(({ key }) => key === name);
  return (
    isOwn || addresses.has(name) || [...gantryVariables, ...tracingVariables].some((each) => each === name)
  );
}

function namesOf({ env, secrets }: PlannedNode, addresses: ReadonlySet<string>): string[] {
  return [...gantryVariables, ...secrets.map(({ key }) => key), ...Object.keys(env), ...addresses].slice(
    0,
    maxCompared,
  );
}

function sentence(use: VariableUse, prefix: string, known: readonly string[]): string {
  const { name, token, form, key, step, file, line, column } = use;
  const variable = token.startsWith('${') ? `\${${name}}` : `$${name}`;
  const at = `${prefix}${file}:${line}:${column}: `;
  const of = step === null ? '' : `steps.${step}.`;
  if (form === 'list') {
    return `${at}${of}run is a list, in which nothing expands ${variable}; write it as a text, which runs in "sh -c"`;
  }
  if (form === 'args') {
    return `${at}${of}${key} contains ${variable}, which nothing expands: write a variable of the suite as \${{ vars.NAME }}, or let a shell expand it in "run"`;
  }
  if (form === 'env') {
    return `${at}${of}env.${key} contains ${variable}, which nothing expands: values of "env" are taken as they are`;
  }
  const near = nearest(name, known);
  const advice = near ? `did you mean $${near}?` : 'set it in "env", unless the image does';
  return `${at}${of}run uses ${variable}, which nothing sets; ${advice}`;
}
