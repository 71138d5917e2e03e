import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { agentRegistration } from '../model/agent';

const { agentId, tags, capacity } = agentRegistration.shape;
const whole = z
  .string()
  .regex(/^\d{1,6}$/, 'a whole number')
  .transform(Number);

const environment = z.object({
  GANTRY_URL: z.url({
    protocol: /^https?$/,
    error: 'the URL of the control plane, such as https://gantry.example',
  }),
  GANTRY_AGENT_TOKEN: z.string().min(16, "an agent's token: an admin makes one on the agents page"),
  GANTRY_AGENT_NAME: z.string().default(hostname()).pipe(agentId),
  GANTRY_AGENT_TAGS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    )
    .pipe(tags),
  GANTRY_AGENT_CAPACITY: whole.default(4).pipe(capacity),
  GANTRY_AGENT_FOLDER: z.string().default(path.join(tmpdir(), 'gantry-agent')),
  GANTRY_AGENT_HEALTH_PORT: whole.refine((value) => value <= 65_535, 'a port').optional(),
  GANTRY_SUBNETS: z.string().optional(),
  GANTRY_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export interface AgentSettings {
  /** Without a slash at the end. */
  url: string;
  token: string;
  name: string;
  tags: string[];
  capacity: number;
  /** For files on their way to the control plane. */
  folder: string;
  healthPort: number | null;
  subnets: string | null;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** Throws an Error that names every setting that is wrong. */
export function readSettings(env: Record<string, string | undefined>): AgentSettings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      (issue) => `  ${issue.path[0]?.toString()}: expected ${issue.message}`,
    );
    throw new Error(`The agent cannot start with these settings:\n${lines.join('\n')}`);
  }
  const settings = parsed.data;
  return {
    url: settings.GANTRY_URL.replace(/\/+$/, ''),
    token: settings.GANTRY_AGENT_TOKEN,
    name: settings.GANTRY_AGENT_NAME,
    tags: settings.GANTRY_AGENT_TAGS,
    capacity: settings.GANTRY_AGENT_CAPACITY,
    folder: settings.GANTRY_AGENT_FOLDER,
    healthPort: settings.GANTRY_AGENT_HEALTH_PORT ?? null,
    subnets: settings.GANTRY_SUBNETS ?? null,
    logLevel: settings.GANTRY_LOG_LEVEL,
  };
}
