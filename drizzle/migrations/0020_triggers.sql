CREATE TABLE "trigger_deliveries" (
	"trigger_id" text NOT NULL,
	"key" text NOT NULL,
	"event" text,
	"received_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"status" text NOT NULL,
	"execution_id" text,
	"reason" text,
	CONSTRAINT "trigger_deliveries_trigger_id_key_pk" PRIMARY KEY("trigger_id","key")
);
--> statement-breakpoint
CREATE TABLE "triggers" (
	"id" text PRIMARY KEY NOT NULL,
	"trigger" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "webhooks" ADD COLUMN "form" text DEFAULT 'gantry' NOT NULL;--> statement-breakpoint
ALTER TABLE "trigger_deliveries" ADD CONSTRAINT "trigger_deliveries_trigger_id_triggers_id_fk" FOREIGN KEY ("trigger_id") REFERENCES "public"."triggers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "trigger_deliveries_received" ON "trigger_deliveries" USING btree ("trigger_id","received_at");