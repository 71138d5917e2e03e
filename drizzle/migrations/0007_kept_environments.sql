CREATE TABLE "kept_environments" (
	"execution_id" text PRIMARY KEY NOT NULL,
	"until" timestamp(3) with time zone NOT NULL
);
