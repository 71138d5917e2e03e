ALTER TABLE "tokens" ADD COLUMN "replaces" text;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "family" text;--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "maker_kind" text;--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "maker_id" text;--> statement-breakpoint
ALTER TABLE "schedules" ADD COLUMN "maker_at" timestamp(3) with time zone;--> statement-breakpoint
CREATE INDEX "tokens_replaces" ON "tokens" USING btree ("replaces");--> statement-breakpoint
CREATE INDEX "tokens_family" ON "tokens" USING btree ("family");