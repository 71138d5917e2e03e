ALTER TABLE "executions" ADD COLUMN "rerun_of" text;--> statement-breakpoint
ALTER TABLE "steps" ADD COLUMN "take_over" jsonb;--> statement-breakpoint
CREATE INDEX "executions_rerun_of" ON "executions" USING btree ("rerun_of") WHERE rerun_of is not null;