export interface PlanRequest {
  /** Null: the default profile. */
  profile: string | null;
  /** Platform overrides: above the suite's env, below the profile's. */
  platformEnv: Record<string, string>;
  /** The launch request's env: above everything but Gantry's own variables. */
  env: Record<string, string>;
  /** Values of the launch for the suite's variables. */
  vars?: Record<string, string>;
  /** Images of the launch by step id. */
  images?: Record<string, string>;
  /** The steps that run, with what they wait for; absent: all. */
  onlySteps?: readonly string[];
  /** The keys of the secrets that the launch brings. */
  secrets?: readonly string[];
}
