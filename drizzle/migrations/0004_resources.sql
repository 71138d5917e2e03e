CREATE TABLE "resources" (
	"execution_id" text NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"backend_id" text NOT NULL,
	"step_id" text,
	"attempt" integer,
	"intended_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"made_at" timestamp(3) with time zone,
	"removed_at" timestamp(3) with time zone,
	"removed_by" text,
	"left_reason" text,
	CONSTRAINT "resources_execution_id_kind_name_pk" PRIMARY KEY("execution_id","kind","name")
);
--> statement-breakpoint
CREATE INDEX "resources_open" ON "resources" USING btree ("backend_id") WHERE removed_at is null;