ALTER TABLE "tokens" ADD COLUMN "replaces" text;--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "maker_kind" text;--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "maker_id" text;