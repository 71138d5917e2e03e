CREATE UNLOGGED TABLE "unfinished_lines" (
	"execution_id" text NOT NULL,
	"step_id" text NOT NULL,
	"attempt" integer NOT NULL,
	"stream" text NOT NULL,
	"text" text NOT NULL,
	CONSTRAINT "unfinished_lines_execution_id_step_id_stream_pk" PRIMARY KEY("execution_id","step_id","stream")
);
--> statement-breakpoint
ALTER TABLE "agent_jobs" ADD COLUMN "unfinished" jsonb;--> statement-breakpoint
ALTER TABLE "unfinished_lines" ADD CONSTRAINT "unfinished_lines_execution_id_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "public"."executions"("id") ON DELETE cascade ON UPDATE no action;