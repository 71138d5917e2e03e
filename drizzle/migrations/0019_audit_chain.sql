CREATE TABLE "audit_chains" (
	"id" integer PRIMARY KEY NOT NULL,
	"start_seq" bigint NOT NULL,
	"start_hash" text NOT NULL,
	"head_seq" bigint NOT NULL,
	"head_hash" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit_entries" ADD COLUMN "hash" text;--> statement-breakpoint
INSERT INTO "audit_chains" ("id", "start_seq", "start_hash", "head_seq", "head_hash")
SELECT 1, coalesce(max("seq"), 0), repeat('0', 64), coalesce(max("seq"), 0), repeat('0', 64) FROM "audit_entries";
