CREATE TABLE "agent_environments" (
	"execution_id" text PRIMARY KEY NOT NULL,
	"environment" jsonb NOT NULL,
	"tags" text[] NOT NULL,
	"agent_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lost_at" timestamp with time zone,
	"closing_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "agent_job_artifacts" (
	"job_id" text NOT NULL,
	"path" text NOT NULL,
	"format" text NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"blob_id" text NOT NULL,
	"stored_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "agent_job_artifacts_job_id_path_pk" PRIMARY KEY("job_id","path")
);
--> statement-breakpoint
CREATE TABLE "agent_job_lines" (
	"job_id" text NOT NULL,
	"first_seq" integer NOT NULL,
	"last_seq" integer NOT NULL,
	"stdout_before" integer NOT NULL,
	"stderr_before" integer NOT NULL,
	"lines" text NOT NULL,
	CONSTRAINT "agent_job_lines_job_id_first_seq_pk" PRIMARY KEY("job_id","first_seq")
);
--> statement-breakpoint
CREATE TABLE "agent_jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"execution_id" text,
	"step_id" text,
	"attempt" integer,
	"spec" jsonb,
	"stays_up" boolean DEFAULT false NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"agent_id" text,
	"lease_token" text,
	"lease_until" timestamp with time zone,
	"claim_id" text,
	"deliveries" integer DEFAULT 0 NOT NULL,
	"holders" text[] DEFAULT '{}' NOT NULL,
	"desired" text DEFAULT 'run' NOT NULL,
	"grace_ms" integer DEFAULT 0 NOT NULL,
	"phase" jsonb,
	"running_at" timestamp with time zone,
	"ready_at" timestamp with time zone,
	"log_seq" integer DEFAULT 0 NOT NULL,
	"stdout_lines" integer DEFAULT 0 NOT NULL,
	"stderr_lines" integer DEFAULT 0 NOT NULL,
	"stdout_base" integer DEFAULT 0 NOT NULL,
	"stderr_base" integer DEFAULT 0 NOT NULL,
	"result" jsonb,
	"result_hash" text,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "agents" (
	"id" text PRIMARY KEY NOT NULL,
	"token_id" text NOT NULL,
	"instance" text,
	"tags" text[] NOT NULL,
	"capacity" integer NOT NULL,
	"version" text NOT NULL,
	"problem" text,
	"registered_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"drained_at" timestamp with time zone,
	"drain_reason" text,
	"drained_by" text
);
--> statement-breakpoint
ALTER TABLE "agent_job_artifacts" ADD CONSTRAINT "agent_job_artifacts_job_id_agent_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."agent_jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agent_job_artifacts" ADD CONSTRAINT "agent_job_artifacts_blob_id_blobs_id_fk" FOREIGN KEY ("blob_id") REFERENCES "public"."blobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agent_job_lines" ADD CONSTRAINT "agent_job_lines_job_id_agent_jobs_id_fk" FOREIGN KEY ("job_id") REFERENCES "public"."agent_jobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agent_job_artifacts_blob" ON "agent_job_artifacts" USING btree ("blob_id");--> statement-breakpoint
CREATE UNIQUE INDEX "agent_jobs_attempt" ON "agent_jobs" USING btree ("execution_id","step_id","attempt") WHERE kind = 'step';--> statement-breakpoint
CREATE INDEX "agent_jobs_queue" ON "agent_jobs" USING btree ("created_at","id") WHERE state = 'queued' and kind = 'step';--> statement-breakpoint
CREATE INDEX "agent_jobs_control" ON "agent_jobs" USING btree ("agent_id") WHERE state = 'queued' and kind <> 'step';--> statement-breakpoint
CREATE INDEX "agent_jobs_leased" ON "agent_jobs" USING btree ("agent_id") WHERE state = 'leased';--> statement-breakpoint
CREATE INDEX "agent_jobs_claim" ON "agent_jobs" USING btree ("claim_id") WHERE state = 'leased';--> statement-breakpoint
CREATE INDEX "agent_jobs_finished" ON "agent_jobs" USING btree ("finished_at") WHERE state = 'done';