ALTER TABLE "schedules" ADD COLUMN "declared_in" text;--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "folder" text;--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "seen_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "withdrawn_at" timestamp with time zone;