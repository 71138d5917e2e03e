ALTER TABLE "tokens" ADD COLUMN "made_by" text;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "made_from" text;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "last_used_at" timestamp(3) with time zone;--> statement-breakpoint
CREATE INDEX "tokens_made_from" ON "tokens" USING btree ("made_from");