CREATE TABLE "suite_grants" (
	"id" text PRIMARY KEY NOT NULL,
	"grantee_kind" text NOT NULL,
	"grantee_id" text NOT NULL,
	"suites" text NOT NULL,
	"rights" jsonb NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"made_by" text
);
--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "groups" jsonb DEFAULT '[]' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "suite_grants_of" ON "suite_grants" USING btree ("grantee_kind","grantee_id","suites");