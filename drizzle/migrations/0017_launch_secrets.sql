CREATE TABLE "launch_secrets" (
	"execution_id" text NOT NULL,
	"key" text NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "launch_secrets_execution_id_key_pk" PRIMARY KEY("execution_id","key")
);
--> statement-breakpoint
ALTER TABLE "launch_secrets" ADD CONSTRAINT "launch_secrets_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;