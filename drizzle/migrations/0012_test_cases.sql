CREATE TABLE "case_mutes" (
	"case_id" text PRIMARY KEY NOT NULL,
	"suite_id" text NOT NULL,
	"step_id" text NOT NULL,
	"reason" text NOT NULL,
	"ticket" text,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL,
	"created_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "case_reports" (
	"number" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "case_reports_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"execution_id" text NOT NULL,
	"suite_id" text NOT NULL,
	"step_id" text NOT NULL,
	"attempt" integer NOT NULL,
	"path" text NOT NULL,
	"artifact_id" text NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"profile" text NOT NULL,
	"package_digest" text NOT NULL,
	"images" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "case_results" (
	"case_number" integer NOT NULL,
	"report_number" integer NOT NULL,
	"try_number" smallint NOT NULL,
	"status" smallint NOT NULL,
	"duration_ms" real,
	"output" integer,
	"fingerprint" bigint,
	"message" text,
	CONSTRAINT "case_results_case_number_report_number_try_number_pk" PRIMARY KEY("case_number","report_number","try_number")
);
--> statement-breakpoint
CREATE TABLE "test_cases" (
	"number" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "test_cases_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"id" text NOT NULL,
	"suite_id" text NOT NULL,
	"step_id" text NOT NULL,
	"file" text,
	"path" jsonb NOT NULL,
	"class_name" text,
	"name" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"created_at" timestamp(3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "executions" ADD COLUMN "flaky_cases" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "case_results" ADD CONSTRAINT "case_results_report_number_case_reports_number_fk" FOREIGN KEY ("report_number") REFERENCES "public"."case_reports"("number") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "case_reports_place" ON "case_reports" USING btree ("execution_id","step_id","attempt","path");--> statement-breakpoint
CREATE INDEX "case_reports_suite" ON "case_reports" USING btree ("suite_id","step_id","number");--> statement-breakpoint
CREATE INDEX "case_reports_at" ON "case_reports" USING btree ("at");--> statement-breakpoint
CREATE INDEX "case_results_report" ON "case_results" USING btree ("report_number");--> statement-breakpoint
CREATE INDEX "case_results_failed" ON "case_results" USING btree ("report_number","case_number") WHERE status >= 3;--> statement-breakpoint
CREATE INDEX "case_results_fingerprint" ON "case_results" USING btree ("fingerprint","report_number") WHERE fingerprint is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "test_cases_id" ON "test_cases" USING btree ("id");--> statement-breakpoint
CREATE INDEX "test_cases_suite" ON "test_cases" USING btree ("suite_id","name","number");