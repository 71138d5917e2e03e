CREATE TABLE "artifacts" (
	"id" text PRIMARY KEY NOT NULL,
	"execution_id" text NOT NULL,
	"step_id" text NOT NULL,
	"attempt" integer NOT NULL,
	"path" text NOT NULL,
	"format" text NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"blob_id" text NOT NULL,
	"report" jsonb
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"execution_id" text NOT NULL,
	"step_id" text NOT NULL,
	"number" integer NOT NULL,
	"status" text NOT NULL,
	"phase" jsonb,
	"started_at" timestamp(3) with time zone NOT NULL,
	"running_at" timestamp(3) with time zone,
	"ready_at" timestamp(3) with time zone,
	"finished_at" timestamp(3) with time zone,
	"result" jsonb,
	"warnings" jsonb NOT NULL,
	CONSTRAINT "attempts_execution_id_step_id_number_pk" PRIMARY KEY("execution_id","step_id","number")
);
--> statement-breakpoint
CREATE TABLE "blob_chunks" (
	"blob_id" text NOT NULL,
	"position" integer NOT NULL,
	"content" "bytea" NOT NULL,
	CONSTRAINT "blob_chunks_blob_id_position_pk" PRIMARY KEY("blob_id","position")
);
--> statement-breakpoint
CREATE TABLE "blobs" (
	"id" text PRIMARY KEY NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"execution_id" text NOT NULL,
	"seq" integer NOT NULL,
	"event" jsonb NOT NULL,
	CONSTRAINT "events_execution_id_seq_pk" PRIMARY KEY("execution_id","seq")
);
--> statement-breakpoint
CREATE TABLE "executions" (
	"id" text PRIMARY KEY NOT NULL,
	"suite_id" text NOT NULL,
	"suite" jsonb NOT NULL,
	"profile" text NOT NULL,
	"backend" jsonb NOT NULL,
	"status" text NOT NULL,
	"author" text NOT NULL,
	"labels" jsonb NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"started_at" timestamp(3) with time zone,
	"finished_at" timestamp(3) with time zone,
	"cancel_requested_at" timestamp(3) with time zone,
	"cancel_requested_by" text,
	"cause" jsonb,
	"step_counts" jsonb NOT NULL,
	"warnings" jsonb NOT NULL,
	"receipt" jsonb,
	"event_seq" integer NOT NULL,
	"log_seq" integer DEFAULT 0 NOT NULL,
	"owner" text,
	"epoch" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"author" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"execution_id" text NOT NULL,
	CONSTRAINT "idempotency_keys_author_key_pk" PRIMARY KEY("author","key")
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" text NOT NULL,
	"secret" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "log_chunks" (
	"execution_id" text NOT NULL,
	"first_seq" integer NOT NULL,
	"last_seq" integer NOT NULL,
	"step_id" text NOT NULL,
	"attempt" integer NOT NULL,
	"stdout_lines" integer NOT NULL,
	"stderr_lines" integer NOT NULL,
	"size" integer NOT NULL,
	"runs" text NOT NULL,
	"lines" text NOT NULL,
	CONSTRAINT "log_chunks_execution_id_first_seq_pk" PRIMARY KEY("execution_id","first_seq")
);
--> statement-breakpoint
CREATE TABLE "packages" (
	"digest" text PRIMARY KEY NOT NULL,
	"blob_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "plans" (
	"execution_id" text PRIMARY KEY NOT NULL,
	"plan" jsonb NOT NULL,
	"env" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "platform_settings" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"settings" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "step_specs" (
	"execution_id" text NOT NULL,
	"step_id" text NOT NULL,
	"attempt" integer NOT NULL,
	"spec" jsonb NOT NULL,
	CONSTRAINT "step_specs_execution_id_step_id_attempt_pk" PRIMARY KEY("execution_id","step_id","attempt")
);
--> statement-breakpoint
CREATE TABLE "steps" (
	"execution_id" text NOT NULL,
	"id" text NOT NULL,
	"index" integer NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"after" jsonb NOT NULL,
	"on_failure" jsonb NOT NULL,
	"status" text NOT NULL,
	"queued_at" timestamp(3) with time zone,
	"started_at" timestamp(3) with time zone,
	"finished_at" timestamp(3) with time zone,
	"retry_at" timestamp(3) with time zone,
	"result" jsonb,
	"reports" jsonb NOT NULL,
	CONSTRAINT "steps_execution_id_id_pk" PRIMARY KEY("execution_id","id")
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(3) with time zone,
	"revoked_at" timestamp(3) with time zone
);
--> statement-breakpoint
ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "artifacts" ADD CONSTRAINT "artifacts_blob_id_blobs_id_fk" FOREIGN KEY ("blob_id") REFERENCES "public"."blobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_execution_id_step_id_steps_execution_id_id_fk" FOREIGN KEY ("execution_id","step_id") REFERENCES "public"."steps"("execution_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blob_chunks" ADD CONSTRAINT "blob_chunks_blob_id_blobs_id_fk" FOREIGN KEY ("blob_id") REFERENCES "public"."blobs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "log_chunks" ADD CONSTRAINT "log_chunks_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "packages" ADD CONSTRAINT "packages_blob_id_blobs_id_fk" FOREIGN KEY ("blob_id") REFERENCES "public"."blobs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "plans" ADD CONSTRAINT "plans_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "step_specs" ADD CONSTRAINT "step_specs_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "steps" ADD CONSTRAINT "steps_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "artifacts_place" ON "artifacts" USING btree ("execution_id","step_id","attempt","path");--> statement-breakpoint
CREATE INDEX "artifacts_blob" ON "artifacts" USING btree ("blob_id");--> statement-breakpoint
CREATE INDEX "executions_active" ON "executions" USING btree ("created_at","id") WHERE status in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "executions_finished" ON "executions" USING btree ("finished_at","id") WHERE finished_at is not null;--> statement-breakpoint
CREATE INDEX "executions_created" ON "executions" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "executions_suite" ON "executions" USING btree ("suite_id","created_at","id");--> statement-breakpoint
CREATE INDEX "executions_status" ON "executions" USING btree ("status","created_at","id");--> statement-breakpoint
CREATE INDEX "executions_labels" ON "executions" USING gin ("labels" jsonb_path_ops);--> statement-breakpoint
CREATE INDEX "log_chunks_attempt" ON "log_chunks" USING btree ("execution_id","step_id","attempt");--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_hash" ON "tokens" USING btree ("hash");--> statement-breakpoint
-- Where PostgreSQL was built with it, lz4 halves what storing a log costs.
DO $$ BEGIN
	ALTER TABLE "log_chunks" ALTER COLUMN "lines" SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR syntax_error THEN NULL;
END $$;
