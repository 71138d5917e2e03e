ALTER TABLE "executions" ADD COLUMN "concurrency_group" text;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "concurrency_max" integer;--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "concurrency_cancels" boolean;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "waits_for" text;--> statement-breakpoint
CREATE INDEX "executions_grouped" ON "executions" USING btree ("concurrency_group","created_at","id") WHERE concurrency_group is not null and status in ('queued', 'running');