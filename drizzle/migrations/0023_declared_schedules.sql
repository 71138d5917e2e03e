CREATE TABLE "schedule_declarations" (
	"suite_id" text PRIMARY KEY NOT NULL,
	"folder" text NOT NULL,
	"digest" text,
	"seen_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "declared_in" text;--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "withdrawn_at" timestamp with time zone;