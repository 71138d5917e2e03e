CREATE TABLE "schedule_firings" (
	"schedule_id" text NOT NULL,
	"planned_at" timestamp(3) with time zone NOT NULL,
	"status" text NOT NULL,
	"execution_id" text,
	"reason" text,
	"lease_until" timestamp with time zone,
	CONSTRAINT "schedule_firings_schedule_id_planned_at_pk" PRIMARY KEY("schedule_id","planned_at")
);
--> statement-breakpoint
CREATE TABLE "schedules" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"suite_id" text NOT NULL,
	"profile" text,
	"backend" text,
	"cron" text NOT NULL,
	"time_zone" text NOT NULL,
	"enabled" boolean NOT NULL,
	"jitter_seconds" integer NOT NULL,
	"when_running" text NOT NULL,
	"when_missed" text NOT NULL,
	"changed_at" timestamp(3) with time zone NOT NULL,
	"changed_by" text NOT NULL,
	"next_at" timestamp(3) with time zone,
	"due_at" timestamp(3) with time zone
);
--> statement-breakpoint
ALTER TABLE "schedule_firings" ADD CONSTRAINT "schedule_firings_schedule_id_schedules_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "public"."schedules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "schedule_firings_waiting" ON "schedule_firings" USING btree ("schedule_id","planned_at") WHERE status = 'waiting';--> statement-breakpoint
CREATE INDEX "schedules_due" ON "schedules" USING btree ("due_at") WHERE due_at is not null;