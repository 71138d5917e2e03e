ALTER TABLE "executions" ADD COLUMN "output_removed_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "packages" ADD COLUMN "used_at" timestamp(3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
CREATE INDEX "executions_output" ON "executions" USING btree ("finished_at") WHERE output_removed_at is null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_execution" ON "idempotency_keys" USING btree ("execution_id");